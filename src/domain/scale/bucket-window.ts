import { pow, round, smoothingCoefficient } from '../go/math.ts';
import { seconds, type Instant, type Ms } from '../time.ts';

const NEVER = -Infinity;
const MILLION = 1e6;

/** Six decimals, half away from zero: what keeps the noise of sums out of a ceiling. */
const round6 = (x: number): number => round(x * MILLION) / MILLION;

/**
 * Sums per bucket of time over a window, and their average (serving: pkg/autoscaler/aggregation/bucketing.go). What is recorded within one
 * bucket adds up: the sum of a second is the total of all who report. Every result is upstream's to the last bit, for which each sum and
 * difference is formed in its order.
 *
 * Buckets are counted since 1970; `first` and `last` are the first and the last one that was written. The newest bucket lies at `#head` of
 * the ring, so that no time has to be divided by the ring's length.
 */
export class BucketWindow {
  readonly #granularity: number;
  #buckets: Float64Array;
  /** Length of the window in buckets, not rounded. */
  #span: number;
  #head = 0;
  #first = NEVER;
  #last = NEVER;
  #total = 0;

  /** `window` is at least a fraction of a bucket; the ring has one bucket more for a part of one. */
  constructor(window: Ms, granularity: Ms = seconds(1)) {
    this.#granularity = granularity;
    this.#span = window / granularity;
    this.#buckets = new Float64Array(Math.ceil(this.#span));
  }

  /** The start of the newest bucket that was written; undefined: nothing ever was. */
  get newest(): Instant | undefined {
    return this.#last === NEVER ? undefined : ((this.#last * this.#granularity) as Instant);
  }

  /** Adds to the bucket of `at`. A late value is added to its old bucket; one that is a whole window late is left out. */
  record(at: Instant, value: number): void {
    const bucket = this.#bucketOf(at);
    if (bucket !== this.#last) {
      if (bucket + this.#span <= this.#last) return;
      if (this.#first === NEVER || this.#first > bucket) this.#first = bucket;
      if (bucket > this.#last) this.#advance(bucket);
    }
    const place = this.#head - (this.#last - bucket);
    const index = place < 0 ? place + this.#buckets.length : place;
    this.#buckets[index] = (this.#buckets[index] ?? 0) + value;
    this.#total += value;
  }

  /** Makes `bucket` the newest: what lies between is zero, and after a window of silence everything begins anew. */
  #advance(bucket: number): void {
    const buckets = this.#buckets;
    const passed = bucket - this.#last;
    if (passed >= this.#span) {
      this.#first = bucket;
      buckets.fill(0);
      this.#total = 0;
    } else {
      for (let step = 0; step < passed; step++) {
        this.#head = this.#head + 1 === buckets.length ? 0 : this.#head + 1;
        this.#total -= buckets[this.#head] ?? 0;
        buckets[this.#head] = 0;
      }
    }
    this.#last = bucket;
  }

  /** True when nothing was recorded for longer than the window. At exactly its length it is not, though the average is 0 already. */
  isEmpty(now: Instant): boolean {
    return this.#bucketOf(now) - this.#last > this.#span;
  }

  /**
   * The mean of the buckets. Before the window is full it is the mean since the first one; seconds since the last one do not count at
   * first, and gaps between them are zeros.
   */
  average(now: Instant): number {
    const passed = this.#bucketOf(now) - this.#last;
    if (passed >= this.#span) return 0;
    const written = this.#last - this.#first + 1;
    const buckets = this.#buckets;
    if (passed <= 0) return round6(this.#total / Math.min(written, buckets.length));
    let sum = this.#total;
    let index = this.#head;
    for (let step = 0; step < passed; step++) {
      index = index + 1 === buckets.length ? 0 : index + 1;
      sum -= buckets[index] ?? 0;
    }
    return round6(sum / Math.min(written, buckets.length - passed));
  }

  /** The mean in which the newest bucket weighs most and each older one less by the same factor. Not rounded, and the past before the first is zeros. */
  weightedAverage(now: Instant): number {
    const passed = this.#bucketOf(now) - this.#last;
    if (passed > this.#span) return 0;
    const buckets = this.#buckets;
    const coefficient = smoothingCoefficient(buckets.length);
    const rest = 1 - coefficient;
    let weight = passed > 0 ? coefficient * pow(rest, passed) : coefficient;
    let sum = 0;
    let index = this.#head;
    for (let left = passed > 0 ? buckets.length - passed : buckets.length; left > 0; left--) {
      sum += (buckets[index] ?? 0) * weight;
      weight *= rest;
      index = index === 0 ? buckets.length - 1 : index - 1;
    }
    return sum;
  }

  /**
   * Changes the length of the window and keeps the newest buckets that fit. As upstream has it, a window that was still filling counts as
   * full from then on, and of one without recent data only the time of the last record is kept.
   */
  resize(window: Ms, now: Instant): void {
    const span = window / this.#granularity;
    if (span === this.#span) return;
    const old = this.#buckets;
    const buckets = new Float64Array(Math.ceil(span));
    const expired = this.isEmpty(now);
    this.#first = expired ? NEVER : this.#last - (old.length - 1);
    this.#total = 0;
    for (let age = 0; !expired && age < Math.min(old.length, buckets.length); age++) {
      const place = this.#head - age;
      const value = old[place < 0 ? place + old.length : place] ?? 0;
      buckets[buckets.length - 1 - age] = value;
      this.#total += value;
    }
    this.#head = buckets.length - 1;
    this.#buckets = buckets;
    this.#span = span;
  }

  #bucketOf(at: Instant): number {
    return Math.floor(at / this.#granularity);
  }
}
