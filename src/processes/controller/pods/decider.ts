import { decide, firstMemory, type Decision, type Memory, type Seen } from '../../../domain/scale/decide.ts';
import type { DeciderSpec } from '../../../domain/scale/spec.ts';
import { firstStatus, isNews, type DeciderStatus } from '../../../domain/scale/ticks.ts';
import type { Instant } from '../../../domain/time.ts';

/** Decides upon one revision again and again, and remembers what that takes. */
export class Decider {
  readonly #found: number;
  #spec: DeciderSpec;
  #memory: Memory | undefined;
  #status: DeciderStatus;
  #last: Decision | undefined;

  /**
   * `found`: the pods that are there. More than one were needed for something that we do not know of: they stay until a whole window was
   * measured, counted from the first data (serving: pkg/autoscaler/scaling/autoscaler.go counts from its own start).
   */
  constructor(spec: DeciderSpec, found: number) {
    this.#spec = spec;
    this.#found = found;
    this.#status = firstStatus(spec);
  }

  get status(): DeciderStatus {
    return this.#status;
  }

  /** The newest decision; undefined: none yet. */
  get last(): Decision | undefined {
    return this.#last;
  }

  get spec(): DeciderSpec {
    return this.#spec;
  }

  /** What is decided by from now on; what is remembered stays. */
  update(spec: DeciderSpec): void {
    this.#spec = spec;
  }

  /** One decision, and whether whoever acts on it has something to do. */
  decide(seen: Seen, now: Instant): { readonly decision: Decision; readonly news: boolean } {
    const was = this.#status;
    const memory = this.#memory ?? firstMemory(this.#spec, this.#found, now);
    const decision = decide(this.#spec, seen, memory, now);
    this.#last = decision;
    this.#memory = decision.memory;
    this.#status = { desiredScale: decision.pods, excessBurstCapacity: decision.excessBurst };
    return { decision, news: isNews(was, this.#status) };
  }
}
