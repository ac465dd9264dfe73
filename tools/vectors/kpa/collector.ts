import type { Json, JsonObject } from '../../../src/domain/json.ts';
import { Collection, SCRAPE_INTERVAL } from '../../../src/domain/scale/collection.ts';
import type { ScrapeProblem } from '../../../src/domain/scale/scrape-problem.ts';
import type { MetricSpec } from '../../../src/domain/scale/spec.ts';
import type { Stat } from '../../../src/domain/scale/stat.ts';
import { instant, plus } from '../../../src/domain/time.ts';
import { compared, recordedNumber } from '../compare.ts';
import type { Replay } from '../replay.ts';
import { itemsIn, objectIn, textAt } from '../scaled-object-case.ts';
import { listOf, numberOf, textOf } from '../texts.ts';
import { nanosOf } from './scaled.ts';
import { statOfRow } from './stats.ts';

interface Windows {
  readonly stable: Json | undefined;
  readonly panic: Json | undefined;
  readonly scrapeTarget: Json | undefined;
}

const specOf = ({ stable, panic, scrapeTarget }: Windows, algorithm: string): MetricSpec => ({
  stableWindow: nanosOf(stable),
  panicWindow: nanosOf(panic),
  algorithm:
    algorithm.replace('weightedE', 'weighted-e') === 'weighted-exponential'
      ? 'weighted-exponential'
      : 'linear',
  scrapeTarget: textOf(scrapeTarget),
});

/** The recorded problems by their words; upstream makes a new error of any other text each time. */
const PROBLEMS: Readonly<Record<string, ScrapeProblem>> = {
  endpoints: { is: 'pods-unknown' },
  nostat: { is: 'seen-before' },
};

function outcomeOf(scrape: Json | undefined): Stat | ScrapeProblem | undefined {
  const { stat } = objectIn(scrape);
  const error = textAt(scrape, 'err');
  if (error !== '') return PROBLEMS[error] ?? { is: 'unanswered', message: error };
  return stat === undefined ? undefined : { ...statOfRow(stat), podName: 'service-scraper' };
}

const WORDS: Readonly<Partial<Record<ScrapeProblem['is'], string>>> = {
  'pods-unknown': 'failed to get endpoints',
  'seen-before': 'did not receive stat from an unscraped pod',
};

const wordsOf = (problem: ScrapeProblem | undefined): Json =>
  problem === undefined
    ? null
    : problem.is === 'unanswered'
      ? problem.message
      : (WORDS[problem.is] ?? problem.is);

/** A collection in time: it is scraped each second from its creation on, and operations fall between. */
class Run {
  readonly #scrapes: readonly Json[];
  readonly #algorithm: string;
  #collection: Collection | undefined;
  #windows: Json | undefined;
  #due: ReturnType<typeof instant>;
  readonly calls: Json[] = [];
  readonly informed: Json[] = [];

  constructor(input: JsonObject) {
    this.#scrapes = itemsIn(input, 'scrapes');
    this.#algorithm = textAt(input, 'aggregationAlgorithm');
    this.#due = plus(instant(numberOf(input['createdAtMs'])), SCRAPE_INTERVAL);
    this.#windows = input['stableWindowMs'];
    const { stableWindowMs: stable, panicWindowMs: panic, scrapeTarget } = input;
    if (input['neverCreated'] !== true)
      this.#collection = new Collection(specOf({ stable, panic, scrapeTarget }, this.#algorithm));
  }

  scrapeUntil(now: number): void {
    // A scrape of the same moment comes first.
    for (; this.#due <= now; this.#due = plus(this.#due, SCRAPE_INTERVAL)) {
      if (this.#collection === undefined) continue;
      const scraping = this.#collection.scrapeTarget !== '';
      const outcome = scraping ? outcomeOf(this.#scrapes[this.calls.length]) : undefined;
      if (scraping) this.calls.push([this.#due, this.#windows ?? null]);
      if (this.#collection.scraped(outcome, this.#due)) this.informed.push(this.#due);
    }
  }

  carryOut(op: Json): Json {
    const [name, time, ...rest] = listOf(op);
    const at = instant(numberOf(time));
    this.scrapeUntil(at);
    switch (textOf(name)) {
      case 's':
        this.#collection?.pushed(statOfRow(rest[1]), instant(numberOf(rest[0])));
        return null;
      case 'x':
        this.#collection = undefined;
        return null;
      case 'u': {
        const [stable, panic, scrapeTarget] = rest;
        const spec = specOf({ stable, panic, scrapeTarget }, this.#algorithm);
        this.#windows = stable;
        if (this.#collection === undefined) {
          this.#collection = new Collection(spec);
          this.#due = plus(at, SCRAPE_INTERVAL);
        } else this.#collection.update(spec, at);
        return wordsOf(this.#collection.problem);
      }
      default:
        return this.#averages(textOf(name) === 'p' ? 'rps' : 'concurrency', at);
    }
  }

  #averages(metric: string, at: ReturnType<typeof instant>): Json {
    if (this.#collection === undefined) return [0, 0, 'ErrNotCollecting'];
    const found = this.#collection.averages(metric, at);
    return found === undefined
      ? [0, 0, 'ErrNoData']
      : [recordedNumber(found.stable), recordedNumber(found.panic), ''];
  }
}

/** One collection: scrapes, reports and updates in; averages, errors and calls out. */
export const COLLECTOR_REPLAY: Replay = {
  knows: (head) => head['kind'] === 'collector',
  run: (recorded) => {
    const input = objectIn(recorded, 'in');
    const run = new Run(input);
    const results = itemsIn(input, 'ops').map((op) => run.carryOut(op));
    return compared(objectIn(recorded, 'out'), {
      results,
      scrapeCalls: run.calls,
      informTimesMs: run.informed,
    });
  },
};
