import {
  isActive,
  metricSpec,
  metricValue,
  notMeasured,
  unknownMetric,
  type MetricSpec,
  type MetricValue,
} from '../../../domain/keda-scaler/answers.ts';
import type { Refusal } from '../../../domain/keda-scaler/refusal.ts';
import { revisionOf, type ScaledObjectRef } from '../../../domain/keda-scaler/scaled-object-ref.ts';
import type { Key } from '../../../domain/key.ts';
import { err, ok, type Result } from '../../../domain/result.ts';
import type { Teller } from '../../../domain/signal/told.ts';
import type { ExternalScaler } from '../../../ports/external-scaler.ts';

/** Answers KEDA with what is told about a revision. However many follow, the teller is listened to once. */
export class KedaScaler implements ExternalScaler {
  readonly #teller: Teller;
  readonly #followers = new Map<Key, Set<() => void>>();
  readonly #unsubscribe: () => void;

  constructor(teller: Teller) {
    this.#teller = teller;
    this.#unsubscribe = teller.subscribe((key) => {
      for (const look of this.#followers.get(key) ?? []) look();
    });
  }

  isActive(ref: ScaledObjectRef): Result<boolean, Refusal> {
    const key = revisionOf(ref);
    return key.ok ? this.#active(key.value) : key;
  }

  metricSpecs(ref: ScaledObjectRef): Result<readonly MetricSpec[], Refusal> {
    const key = revisionOf(ref);
    return key.ok ? this.#specs(key.value) : key;
  }

  metrics(ref: ScaledObjectRef, metricName: string): Result<readonly MetricValue[], Refusal> {
    const key = revisionOf(ref);
    if (!key.ok) return key;
    const unknown = unknownMetric(metricName);
    if (unknown !== undefined) return err(unknown);
    const value = metricValue(key.value, this.#teller.told(key.value));
    return value.ok ? ok([value.value]) : value;
  }

  followActive(ref: ScaledObjectRef, tell: (active: boolean) => void): Result<() => void, Refusal> {
    return this.#follow(ref, (key) => this.#active(key), tell);
  }

  followMetricSpecs(
    ref: ScaledObjectRef,
    tell: (specs: readonly MetricSpec[]) => void,
  ): Result<() => void, Refusal> {
    return this.#follow(ref, (key) => this.#specs(key), tell);
  }

  /** Nobody is told anything any more. */
  close(): void {
    this.#unsubscribe();
    this.#followers.clear();
  }

  #active(key: Key): Result<boolean, Refusal> {
    return isActive(key, this.#teller.told(key), this.#teller.targetOf(key));
  }

  #specs(key: Key): Result<readonly MetricSpec[], Refusal> {
    const target = this.#teller.targetOf(key);
    return target === undefined ? err(notMeasured(key)) : ok([metricSpec(target)]);
  }

  #follow<T>(
    ref: ScaledObjectRef,
    read: (key: Key) => Result<T, Refusal>,
    tell: (state: T) => void,
  ): Result<() => void, Refusal> {
    const key = revisionOf(ref);
    if (!key.ok) return key;
    let last: string | undefined;
    const look = (): void => {
      const state = read(key.value);
      // A state that is lost for a while and comes back as it was is no change.
      if (!state.ok || JSON.stringify(state.value) === last) return;
      last = JSON.stringify(state.value);
      tell(state.value);
    };
    look();
    this.#add(key.value, look);
    return ok(() => this.#remove(key.value, look));
  }

  #add(key: Key, look: () => void): void {
    const followers = this.#followers.get(key) ?? new Set();
    followers.add(look);
    this.#followers.set(key, followers);
  }

  #remove(key: Key, look: () => void): void {
    const followers = this.#followers.get(key);
    followers?.delete(look);
    if (followers?.size === 0) this.#followers.delete(key);
  }
}
