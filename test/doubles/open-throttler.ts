import { keyOf, type Key } from '../../src/domain/key.ts';
import { seconds } from '../../src/domain/time.ts';
import type { Place, Refusal, Seeker, ServedRevision, Throttler } from '../../src/ports/throttler.ts';

export const REVISION = keyOf('ns', 'rev');

/** A throttler whose places a test sets: it gives them in turn as long as it is open, and counts what it is told. */
export class OpenThrottler implements Throttler {
  revisions: Readonly<Partial<Record<Key, Partial<ServedRevision>>>> = { [REVISION]: {} };
  /** Origins of pods, given one after another; none: everybody waits. */
  origins: readonly string[] = [];
  /** Pods of one revision alone. */
  readonly own = new Map<Key, readonly string[]>();
  extra: Pick<Place, 'host' | 'headers'> = { host: undefined, headers: [] };
  refusing: Refusal | undefined;
  bypassed = false;
  /** Whether an origin that could not be reached is given again. */
  forgetful = false;
  inFlight = 0;
  arrivals = 0;
  /** Answers of pods that have begun. */
  answers = 0;
  readonly outcomes: string[] = [];
  readonly #waiting = new Set<Seeker>();
  #turn = 0;
  #given = 0;

  get waiting(): number {
    return this.#waiting.size;
  }

  /** Bytes that those who wait say they hold. */
  get heldBytes(): number {
    return [...this.#waiting].reduce((sum, { bytes = 0 }) => sum + bytes, 0);
  }

  /** Places that are taken. */
  get placed(): number {
    return this.#given - this.outcomes.length;
  }

  revision(key: Key): ServedRevision | undefined {
    const made = this.revisions[key];
    if (made === undefined) return undefined;
    const bypassed = (): boolean => this.bypassed;
    return {
      ...{ key, timeout: seconds(300), responseStartTimeout: undefined, idleTimeout: undefined },
      bypassed,
      ...made,
    };
  }

  arrived(): void {
    this.inFlight += 1;
    this.arrivals += 1;
  }

  answered(): void {
    this.answers += 1;
  }

  left(): void {
    this.inFlight -= 1;
  }

  seek(seeker: Seeker): void {
    if (this.refusing !== undefined) seeker.refused(this.refusing);
    else if (this.#originsOf(seeker).length > 0) this.#grant(seeker);
    else this.#waiting.add(seeker);
  }

  withdraw(seeker: Seeker): void {
    this.#waiting.delete(seeker);
  }

  /** Pods have come: whoever waits goes to them. */
  open(...origins: readonly string[]): void {
    this.origins = origins;
    for (const seeker of this.#waiting) {
      this.#waiting.delete(seeker);
      this.#grant(seeker);
    }
  }

  #originsOf({ key }: Seeker): readonly string[] {
    return this.own.get(key) ?? this.origins;
  }

  #grant(seeker: Seeker): void {
    const origins = this.#originsOf(seeker);
    const origin = origins[this.#turn++ % origins.length] ?? '';
    this.#given += 1;
    let released = false;
    seeker.granted({
      origin,
      ...this.extra,
      release: (outcome) => {
        if (released) throw new Error('a place was released twice');
        released = true;
        this.outcomes.push(outcome);
        if (outcome === 'unreachable' && !this.forgetful)
          this.origins = this.origins.filter((each) => each !== origin);
      },
    });
  }
}
