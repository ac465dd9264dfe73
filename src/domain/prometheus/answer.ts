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

/** A question to one Prometheus server. */
export interface Question {
  /** PromQL, with its templates filled in. */
  readonly query: string;
}

/** What became of a question. Nothing above reads a bare number. */
export interface Answer {
  readonly reading: Reading;
  /** The name of the server that was asked. */
  readonly server: string;
  /** Our own clock, when the answer was complete or given up. */
  readonly receivedAt: Instant;
  readonly took: Ms;
  /** `alone`: by a request of its own. */
  readonly obtained: 'alone';
  /** How the body of the answer begins, without what we know to be secret; undefined when there was none. */
  readonly raw: string | undefined;
}

/** The outcome as metrics call it: a code of FAULTS without its prefix. */
export const outcomeOf = ({ is }: Reading): string => is.replace(/^prometheus_/, '');
