/** Who waits, first come first served; no longer than `most.waiting`, and holding no more than `most.bytes`. */
export class Line<W extends object> {
  readonly #most: LineBounds;
  readonly #waiting = new Map<W, number>();
  /** Those who had a place that turned out to lead nowhere: they came before all who wait. */
  readonly #returned = new Map<W, number>();
  #bytes = 0;

  constructor(most: LineBounds) {
    this.#most = most;
  }

  get size(): number {
    return this.#waiting.size + this.#returned.size;
  }

  /** Whether there is room for one more that holds so many bytes. */
  hasRoom(bytes: number): boolean {
    return this.size < this.#most.waiting && this.#bytes + bytes <= this.#most.bytes;
  }

  /** `returned`: who had a place already is not sent to the end. */
  join(who: W, bytes: number, returned: boolean): void {
    (returned ? this.#returned : this.#waiting).set(who, bytes);
    this.#bytes += bytes;
  }

  /** False for one who does not wait. */
  leave(who: W): boolean {
    const line = this.#returned.has(who) ? this.#returned : this.#waiting;
    const bytes = line.get(who);
    if (bytes === undefined) return false;
    line.delete(who);
    this.#bytes -= bytes;
    return true;
  }

  first(): W | undefined {
    for (const who of this.#returned.keys()) return who;
    for (const who of this.#waiting.keys()) return who;
    return undefined;
  }
}

export interface LineBounds {
  readonly waiting: number;
  readonly bytes: number;
}
