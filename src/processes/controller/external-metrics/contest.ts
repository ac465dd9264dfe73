import { minutes, ms, seconds, type Ms } from '../../../domain/time.ts';
import type { Clock } from '../../../ports/clock.ts';

/** What somebody else changed is put right at once the first time, then after ten seconds, and each time after twice as long. */
const FIRST_PAUSE: Ms = seconds(10);
const LONGEST_PAUSE: Ms = minutes(5);
/** Changes that are farther apart have nothing to do with each other. */
const FORGOTTEN: Ms = minutes(30);
/** So many changes are a contest. */
const MANY = 3;

/**
 * Somebody else who changes what is ours again and again. KEDA's operator is such a one: it writes its own bundle into the APIService, whoever
 * that names, each time that it changes (open-policy-agent/cert-controller: pkg/rotator/rotator.go). Without pauses, two programs would write
 * without end.
 */
export class Contest {
  readonly #clock: Pick<Clock, 'monotonic'>;
  #count = 0;
  #last: { readonly version: string; readonly at: number } | undefined;

  constructor(clock: Pick<Clock, 'monotonic'>) {
    this.#clock = clock;
  }

  /** Somebody else has changed it, and this is the version; how long to wait before it is put right. */
  changed(version: string): Ms {
    const now = this.#clock.monotonic();
    if (this.#last?.version !== version) {
      const apart = this.#last === undefined ? FORGOTTEN : now - this.#last.at;
      this.#count = apart < FORGOTTEN ? this.#count + 1 : 1;
      this.#last = { version, at: now };
    }
    const pause = this.#count === 1 ? 0 : Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** (this.#count - 2));
    return ms(Math.max(0, this.#last.at + pause - now));
  }

  get isOne(): boolean {
    return this.#count >= MANY;
  }
}
