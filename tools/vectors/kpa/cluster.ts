import { rfc3339 } from '../../../src/domain/rfc3339.ts';
import { conditionOf, type Condition } from '../../../src/domain/k8s/read/condition.ts';
import { planScale, type ScalePlan, type ScaleWorld } from '../../../src/domain/scale/plan-scale.ts';
import { instant, type Instant } from '../../../src/domain/time.ts';

/** What a step of a recorded run sets. */
export interface Circumstances {
  readonly at: Instant;
  readonly source: ScaleWorld['source'];
  readonly decider: ScaleWorld['decider'];
  readonly readyPods: number;
  readonly services: { readonly named: boolean; readonly ready: boolean };
  /** The activators' place in the path as the condition tells it: True, False, Unknown, or empty for absent. */
  readonly proxied: string;
  /** What a probe finds. */
  readonly inPath: boolean;
}

/** What one reconcile has done. */
export interface Done {
  readonly plan: ScalePlan;
  /** Replicas that were written. */
  readonly patch: number | null;
}

const sayingOf = (condition: Condition | undefined): string =>
  JSON.stringify([condition?.status, condition?.reason ?? '', condition?.message ?? '']);

/**
 * The objects of a recorded run and their times. Recordings know two kinds of time: whole seconds, as the API server keeps them, and exact
 * ones, which no cluster has; for the latter the times of changes are kept here.
 */
export class Cluster {
  readonly #wholeSeconds: boolean;
  #conditions: readonly Condition[] = [];
  /** When each condition changed last, exactly. */
  #changed: ReadonlyMap<string, Instant> = new Map();
  #serviceName = '';
  #desiredScale: number | undefined;
  #sks: { readonly proxy: boolean } | undefined;
  #proxied: { readonly status: string; readonly since: Instant } = { status: '', since: instant(0) };
  replicas: number;

  constructor(replicas: number, wholeSeconds: boolean) {
    this.replicas = replicas;
    this.#wholeSeconds = wholeSeconds;
  }

  /** Since when a condition is what it is. */
  sinceOf(type: string): Instant {
    const exact = this.#changed.get(type) ?? instant(0);
    return this.#wholeSeconds ? instant(Math.floor(exact / 1000) * 1000) : exact;
  }

  get conditions(): readonly Condition[] {
    return this.#conditions;
  }

  get desiredScale(): number | undefined {
    return this.#desiredScale;
  }

  /** The SKS's place for requests; undefined before it exists. */
  get proxy(): boolean | undefined {
    return this.#sks?.proxy;
  }

  reconcile(now: Circumstances): Done {
    // What a step says of the SKS's status holds once there is an SKS.
    const exists = this.#sks !== undefined;
    if (exists && now.proxied !== this.#proxied.status)
      this.#proxied = { status: now.proxied, since: now.at };
    const named = exists && now.services.named;
    const world: ScaleWorld = {
      at: now.at,
      source: now.source,
      stored: {
        conditions: this.#conditions,
        activeSince: this.sinceOf('Active'),
        serviceName: this.#serviceName,
        desiredScale: this.#desiredScale,
      },
      services: {
        serviceName: named ? 'rev' : '',
        privateServiceName: named ? 'rev-private' : '',
        ready: exists && now.services.ready,
        message: 'not ready',
      },
      proxy: {
        wanted: this.#sks?.proxy === true,
        since: this.#proxied.status === 'True' ? this.#proxied.since : undefined,
      },
      readyPods: now.readyPods,
      decider: now.decider,
    };
    const first = planScale(world);
    const plan = 'prove' in first ? planScale({ ...world, inPath: now.inPath }) : first;
    if ('prove' in plan) throw new Error('asked for a probe twice');
    return { plan, patch: this.#carryOut(plan, now.at) };
  }

  #carryOut(plan: ScalePlan, at: Instant): number | null {
    const { conditions, serviceName, desiredScale } = plan.status;
    this.#changed = new Map(
      conditions.map((condition) => {
        const before = conditionOf(this.#conditions, condition.type);
        const same = before !== undefined && sayingOf(before) === sayingOf(condition);
        return [condition.type, (same ? this.#changed.get(condition.type) : undefined) ?? at];
      }),
    );
    this.#checkTimes(conditions);
    this.#conditions = conditions;
    this.#serviceName = serviceName;
    this.#desiredScale = desiredScale;
    this.#sks = { proxy: plan.proxy };
    const replicas = plan.measured?.scaling.replicas;
    if (replicas === undefined || replicas === this.replicas) return null;
    this.replicas = replicas;
    return replicas;
  }

  /** The times that the plan wrote are the ones that we keep, to the second. */
  #checkTimes(conditions: readonly Condition[]): void {
    for (const { type, lastTransitionTime } of conditions) {
      const kept = rfc3339(this.#changed.get(type) ?? instant(0));
      if (lastTransitionTime !== kept)
        throw new Error(`${type} changed at ${kept} and says ${lastTransitionTime}`);
    }
  }
}
