import type { Backend } from './backends.ts';

/**
 * Which pods of a revision are known to answer (serving: pkg/activator/net/revision_backends.go). A pod is used once its queue-proxy has
 * answered a probe, which is before Kubernetes calls it ready, unless the kubelet has probes of its own for it. One that ceases to be
 * ready, or that could not be reached, is asked again.
 */
export class Trust {
  #backends: readonly Backend[] = [];
  #early = true;
  readonly #answered = new Set<string>();
  readonly #wasReady = new Set<string>();

  /** What there is now, in order. `early`: whether a pod may be used before it is ready. */
  see(backends: readonly Backend[], early: boolean): void {
    this.#backends = backends;
    this.#early = early;
    const known = new Set(backends.map(({ address }) => address));
    for (const address of [...this.#answered, ...this.#wasReady])
      if (!known.has(address)) this.#drop(address);
    for (const { address, ready } of backends)
      if (ready) this.#wasReady.add(address);
      else if (this.#wasReady.has(address)) this.#drop(address);
  }

  /** The pod serves. */
  answered(address: string): void {
    this.#answered.add(address);
  }

  /** The pod could not be reached. */
  lost(address: string): void {
    this.#answered.delete(address);
  }

  /** Pods to send requests to. */
  get usable(): readonly string[] {
    return this.#backends
      .filter(({ address, ready }) => this.#answered.has(address) && (this.#early || ready))
      .map(({ address }) => address);
  }

  /** Pods to be asked whether they serve. */
  get doubtful(): readonly string[] {
    return this.#backends
      .filter(({ address, ready }) => !this.#answered.has(address) && (this.#early || ready))
      .map(({ address }) => address);
  }

  #drop(address: string): void {
    this.#answered.delete(address);
    this.#wasReady.delete(address);
  }
}
