import type { Key } from '../../src/domain/key.ts';
import type { Answer, Reading } from '../../src/domain/prometheus/answer.ts';
import type { Clock } from '../../src/ports/clock.ts';
import type { Measures } from '../../src/processes/controller/measure/keep-measuring.ts';
import type { Wanted } from '../../src/processes/controller/measure/measurer.ts';
import { answerOf, numberAt } from '../builders/signal.ts';

/** Asks nobody: the test says what is answered, and when. */
export class ScriptedMeasurer implements Measures {
  readonly wanted = new Map<Key, Wanted>();
  readonly #clock: Pick<Clock, 'now'>;
  #onAnswer: (key: Key, answer: Answer) => void = () => undefined;

  constructor(clock: Pick<Clock, 'now'>) {
    this.#clock = clock;
  }

  /** What a controller is given. */
  readonly make = (onAnswer: (key: Key, answer: Answer) => void): Measures => {
    this.#onAnswer = onAnswer;
    return this;
  };

  set(key: Key, wanted: Wanted | undefined): void {
    if (wanted === undefined) this.wanted.delete(key);
    else this.wanted.set(key, wanted);
  }

  run(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
  }

  /** A number is answered, or a failure. */
  answer(key: Key, reading: number | Reading): void {
    const now = this.#clock.now();
    this.#onAnswer(key, answerOf(typeof reading === 'number' ? numberAt(reading, now) : reading, now));
  }
}
