import type { JsonObject } from '../json.ts';
import type { Instant, Ms } from '../time.ts';
import type { PrometheusFault } from './faults.ts';

/** One number, as Prometheus gave it. */
export interface NumberReading {
  /** `scalar`: a number without labels; `vector`: exactly one series. */
  readonly is: 'scalar' | 'vector';
  /** Finite. */
  readonly number: number;
  /** The moment that Prometheus evaluated the query for, by its own clock. */
  readonly at: Instant;
  /** What Prometheus said beside the number; a partial answer is a number only where its server allows that. */
  readonly warnings: readonly string[];
}

/** No number, and why. */
export interface FailedReading {
  readonly is: PrometheusFault;
  /** One sentence for people. Never a secret. */
  readonly message: string;
  /** How long we were asked to wait, in milliseconds. */
  readonly retryAfterMs?: number;
}

/** What an answer of Prometheus says. Closed: a reader that knows all of these knows everything that can happen. */
export type Reading = NumberReading | FailedReading;

export const isNumber = (reading: Reading): reading is NumberReading =>
  reading.is === 'scalar' || reading.is === 'vector';

/** One series of an answer, and what its value says. */
export interface Series {
  /** As the answer has them: names with texts. */
  readonly labels: JsonObject;
  readonly reading: Reading;
}

/** An answer before anybody asks for one number in it: its series, or what holds for the whole of it. */
export type Found = { readonly is: 'series'; readonly series: readonly Series[] } | Reading;

/** A question to one Prometheus server. */
export interface Question {
  /** PromQL, with its templates filled in. */
  readonly query: string;
}

/** One request to a server, as it was seen from here. */
export interface Exchange {
  /** How the body of the answer begins, without what we know to be secret; undefined when there was none, or it held more than is told here. */
  readonly raw: string | undefined;
  /** The name of the server that was asked. */
  readonly server: string;
  /** Our own clock, when the answer was complete or given up. */
  readonly receivedAt: Instant;
  readonly took: Ms;
}

/** What became of a question. Nothing above reads a bare number. */
export interface Answer extends Exchange {
  readonly reading: Reading;
  /**
   * `alone`: by a request of its own. `joined`: by one that held other queries, too. `grouped`: by one query for all that differ in the
   * value of one label. `unasked`: the server is left in peace, and this is how it failed the last time.
   */
  readonly obtained: 'alone' | 'joined' | 'grouped' | 'unasked';
}

/** What became of a request for all the series of a query. */
export interface SeriesAnswer extends Exchange {
  readonly found: Found;
}

/** The outcome as metrics call it: a code of FAULTS without its prefix, or the kind of the answer. */
export const outcomeOf = ({ is }: Found): string => is.replace(/^prometheus_/, '');
