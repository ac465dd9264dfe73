/** One series: what a registry, the documents and the types need to know of it. */
export interface Series {
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly labels: readonly string[];
  readonly doc: string;
  /** Upper bounds, histograms only; the unit is in the name. */
  readonly buckets?: readonly number[];
  /** Gauges without labels: only there once they are set, because 0 would say something. Others begin at 0. */
  readonly absentUntilSet?: true;
  /** Counters and histograms whose labels are all known beforehand: every combination is there from the start, at zero. */
  readonly known?: Readonly<Record<string, readonly string[]>>;
}
