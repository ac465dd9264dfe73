import type { Key } from '../../src/domain/key.ts';
import type { Told, ToldTarget, Teller } from '../../src/domain/signal/told.ts';
import { instant, seconds } from '../../src/domain/time.ts';

/** A teller that tells what a test has told it. */
export class MemoryTeller implements Teller {
  readonly #told = new Map<Key, Told>();
  readonly #targets = new Map<Key, ToldTarget>();
  readonly #listeners = new Set<(key: Key) => void>();

  told(key: Key): Told | undefined {
    return this.#told.get(key);
  }
  targetOf(key: Key): ToldTarget | undefined {
    return this.#targets.get(key);
  }
  subscribe(listener: (key: Key) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** How many listen. */
  get listeners(): number {
    return this.#listeners.size;
  }

  value(key: Key, value: number): void {
    this.#say(key, { is: 'value', value, at: instant(0), interval: seconds(15) });
  }
  nothing(key: Key, message: string): void {
    this.#say(key, { is: 'nothing', reason: 'QueryFailed', message });
  }
  target(key: Key, target: number): void {
    this.#targets.set(key, { target, metricType: 'AverageValue' });
    this.#call(key);
  }
  forget(key: Key): void {
    this.#told.delete(key);
    this.#targets.delete(key);
    this.#call(key);
  }

  #say(key: Key, told: Told): void {
    this.#told.set(key, told);
    this.#call(key);
  }
  #call(key: Key): void {
    for (const listener of this.#listeners) listener(key);
  }
}
