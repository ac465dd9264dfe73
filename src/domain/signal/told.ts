import type { Key } from '../key.ts';
import type { Instant, Ms } from '../time.ts';

/** What an autoscaler that asks for the value of a revision's query is told: a number that it may act on, or that there is none. */
export type Told =
  | {
      readonly is: 'value';
      /** Finite and not negative; compared with the target of the revision. */
      readonly value: number;
      /** When the evidence behind it was taken, by our own clock. */
      readonly at: Instant;
      /** How often the evidence is renewed. */
      readonly interval: Ms;
    }
  /** An error for the HPA and for KEDA, which makes both of them leave the scale as it is. */
  | { readonly is: 'nothing'; readonly reason: string; readonly message: string };

/** What the told value is compared with. */
export interface ToldTarget {
  /** Above 0. */
  readonly target: number;
  /** `AverageValue`: the target is for one pod. `Value`: for all of them together. */
  readonly metricType: 'AverageValue' | 'Value';
  /** A value above it means that there is something to do; not negative, 0 where it is absent. */
  readonly activationThreshold?: number;
}

/** Tells values from memory: nobody who asks ever waits for Prometheus. */
export interface Teller {
  /** Undefined: no revision of that key is measured by us. */
  told(key: Key): Told | undefined;
  targetOf(key: Key): ToldTarget | undefined;
  /** Calls back with the key after what is told, or its target, may have changed; the returned function ends that. */
  subscribe(listener: (key: Key) => void): () => void;
}
