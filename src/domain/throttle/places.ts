/** A pod, or the Service in front of pods, and the requests that it has of us. */
export interface Target {
  readonly address: string;
  readonly inFlight: number;
}

interface Counted {
  readonly address: string;
  inFlight: number;
  /** Whether requests go there now. */
  led: boolean;
}

/** Requests that one target takes at a time; 0: any number. */
type Limit = number;

/** Up to this limit the first pod that is free takes the request, which keeps few pods busy; above, they take turns. */
const FIRST_FREE_UP_TO = 3;

/**
 * The places for requests at the targets of one revision. A place that was given stays counted until it is given back, whatever becomes of
 * its target in between, so that a pod that comes back is not given more than it takes.
 */
export class Places {
  readonly #random: () => number;
  readonly #counted = new Map<string, Counted>();
  #targets: readonly Counted[] = [];
  #limit: Limit = 0;
  /** Where the next turn begins. */
  #turn = 0;

  /** `random` gives numbers from 0 to below 1. */
  constructor(random: () => number) {
    this.#random = random;
  }

  /** The addresses that requests go to from now on, in the same order everywhere. */
  lead(addresses: readonly string[], limit: Limit): void {
    for (const target of this.#targets) target.led = false;
    const before = this.#targets;
    this.#targets = addresses.map((address) => this.#countedOf(address));
    this.#limit = limit;
    for (const target of before) this.#forget(target);
  }

  /** Whether there is a target, free or not. */
  get any(): boolean {
    return this.#targets.length > 0;
  }

  /** Places that are taken. */
  get taken(): number {
    let taken = 0;
    for (const { inFlight } of this.#counted.values()) taken += inFlight;
    return taken;
  }

  /** A place at the target that is best for one more request; undefined while none is free (serving: pkg/activator/net/lb_policy.go). */
  take(): Target | undefined {
    const target = this.#chosen();
    if (target !== undefined) target.inFlight += 1;
    return target;
  }

  giveBack({ address }: Target): void {
    const counted = this.#counted.get(address);
    if (counted === undefined) return;
    counted.inFlight -= 1;
    this.#forget(counted);
  }

  #chosen(): Counted | undefined {
    if (this.#limit === 0) return this.#lessLoadedOfTwo();
    return this.#limit <= FIRST_FREE_UP_TO ? this.#targets.find(this.#isFree) : this.#nextFree();
  }

  readonly #isFree = ({ inFlight }: Counted): boolean => inFlight < this.#limit;

  #lessLoadedOfTwo(): Counted | undefined {
    const { length } = this.#targets;
    if (length <= 1) return this.#targets[0];
    const one = Math.floor(this.#random() * length);
    const other = (one + 1 + Math.floor(this.#random() * (length - 1))) % length;
    const [a, b] = [this.#targets[one], this.#targets[other]];
    return a !== undefined && b !== undefined && b.inFlight < a.inFlight ? b : a;
  }

  #nextFree(): Counted | undefined {
    const { length } = this.#targets;
    for (let step = 0; step < length; step += 1) {
      const at = (this.#turn + step) % length;
      const target = this.#targets[at];
      if (target === undefined || !this.#isFree(target)) continue;
      this.#turn = (at + 1) % length;
      return target;
    }
    return undefined;
  }

  #countedOf(address: string): Counted {
    const counted = this.#counted.get(address) ?? { address, inFlight: 0, led: true };
    counted.led = true;
    this.#counted.set(address, counted);
    return counted;
  }

  #forget({ address, inFlight, led }: Counted): void {
    if (inFlight === 0 && !led) this.#counted.delete(address);
  }
}
