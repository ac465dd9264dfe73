import { resolvedMetric } from '../../../src/domain/annotation/resolve.ts';
import { sameJson, type Json, type JsonObject } from '../../../src/domain/json.ts';
import { Collection } from '../../../src/domain/scale/collection.ts';
import { decide, firstMemory, type Memory } from '../../../src/domain/scale/decide.ts';
import type { ScaleWorld } from '../../../src/domain/scale/plan-scale.ts';
import { deciderSpec, type DeciderSpec } from '../../../src/domain/scale/spec.ts';
import { NO_STAT } from '../../../src/domain/scale/stat.ts';
import { firstStatus, isNews, nextTick, wakes, type DeciderStatus } from '../../../src/domain/scale/ticks.ts';
import { instant, plus, ms, type Instant } from '../../../src/domain/time.ts';
import { compared } from '../compare.ts';
import type { Replay } from '../replay.ts';
import { itemsIn, objectIn } from '../scaled-object-case.ts';
import { numberOf } from '../texts.ts';
import { Cluster } from './cluster.ts';
import { sourceOf } from './scaled.ts';

const STEP = ms(50);
const FIRST = instant(20);
/** Within each second, when its demand is reported. */
const REPORTED = 120;

/** A decider that runs: created by the first reconcile that finds services. */
interface Running {
  readonly createdAt: Instant;
  spec: DeciderSpec;
  memory: Memory;
  status: DeciderStatus;
  due: Instant;
}

/** A closed loop in simulated time: demand is reported, decided upon, reconciled, and pods follow. */
class Loop {
  readonly #input: JsonObject;
  readonly #cluster: Cluster;
  readonly #source: Omit<ScaleWorld['source'], 'reachability'>;
  readonly #startup: number;
  #reachability = '';
  /** When each pod becomes ready, the oldest first. */
  #pods: readonly number[];
  #ready = 0;
  #decider: Running | undefined;
  #collection: Collection | undefined;
  #informed = false;
  #requeues: readonly Instant[] = [];
  #activators = 0;
  /** All that a reconcile depends on, as it was when the last one began. */
  #seen: Json = null;
  #logged: JsonObject = {};
  readonly log: Json[] = [];

  constructor(input: JsonObject) {
    this.#input = input;
    this.#cluster = new Cluster(numberOf(input['replicas']), true);
    this.#startup = numberOf(input['startupMs']);
    const source = sourceOf(input);
    this.#source = {
      ...source,
      metric: resolvedMetric(source.settings),
      containerConcurrency: numberOf(input['containerConcurrency']),
    };
    this.#pods = Array.from({ length: this.#cluster.replicas }, () => this.#startup);
  }

  run(): readonly Json[] {
    const end = numberOf(this.#input['seconds']) * 1000;
    for (let now = FIRST; now <= end; now = plus(now, STEP)) {
      if (this.#decider !== undefined && this.#decider.due <= now) {
        this.#decide(now);
        this.#decider.due = nextTick(this.#decider.createdAt, now);
      }
      this.#report(now);
      this.#followReplicas(now);
      const unreachable = numberOf(this.#input['unreachableMs']);
      if (unreachable > 0 && now >= unreachable) this.#reachability = 'Unreachable';
      this.#reconcileIfNeeded(now);
      this.#note(now);
    }
    return this.log;
  }

  #decide(now: Instant): void {
    const decider = this.#decider;
    const averages = this.#collection?.averages(this.#source.metric, now);
    if (decider === undefined || averages === undefined) return;
    const decision = decide(decider.spec, { ready: this.#ready, ...averages }, decider.memory, now);
    decider.memory = decision.memory;
    const next = { desiredScale: decision.pods, excessBurstCapacity: decision.excessBurst };
    this.#informed ||= isNews(decider.status, next);
    decider.status = next;
  }

  #report(now: Instant): void {
    const second = Math.floor(now / 1000);
    const demand = itemsIn(this.#input, 'demand')[second];
    if (now % 1000 !== REPORTED || demand === undefined || demand === 'NaN') return;
    const load = numberOf(demand);
    const stat = { ...NO_STAT, averageConcurrentRequests: load, requestCount: 2 * load };
    this.#collection?.pushed(stat, instant(second * 1000));
    if (this.#decider !== undefined && wakes(this.#decider.status, stat)) this.#decide(now);
  }

  #followReplicas(now: Instant): void {
    const { replicas } = this.#cluster;
    const missing = Math.max(0, replicas - this.#pods.length);
    this.#pods = [
      ...this.#pods.slice(0, replicas),
      ...Array.from({ length: missing }, () => now + this.#startup),
    ];
    this.#ready = this.#pods.filter((readyAt) => readyAt <= now).length;
  }

  #reconcileIfNeeded(now: Instant): void {
    const { proxy } = this.#cluster;
    const exists = proxy !== undefined;
    const proxied = this.#ready === 0 || proxy === true ? 'True' : 'False';
    const seen: Json = [
      exists ? [this.#ready > 0, proxied, proxy, this.#activators] : null,
      this.#pods.length,
      this.#ready,
      this.#reachability,
      this.#collection !== undefined,
      this.#cluster.conditions.map(({ type, status, reason }) => [type, status, reason ?? '']),
      this.#cluster.desiredScale ?? null,
    ];
    const due = this.#requeues.some((at) => at <= now);
    if (!due && !this.#informed && sameJson(seen, this.#seen)) return;
    this.#seen = seen;
    this.#informed = false;
    this.#requeues = this.#requeues.filter((at) => at > now);
    this.#reconcile(now, exists, proxied);
  }

  #reconcile(now: Instant, exists: boolean, proxied: string): void {
    const source = { ...this.#source, reachability: this.#reachability };
    const spec = deciderSpec(source);
    if (exists) {
      this.#decider ??= {
        createdAt: now,
        spec,
        memory: firstMemory(spec, this.#ready, now),
        status: firstStatus(spec),
        due: nextTick(now, now),
      };
      this.#decider.spec = spec;
    }
    const { plan } = this.#cluster.reconcile({
      at: now,
      source,
      decider: this.#decider?.status ?? firstStatus(spec),
      readyPods: this.#ready,
      services: { named: exists, ready: this.#ready > 0 },
      proxied,
      inPath: true,
    });
    this.#activators = plan.activators;
    const { measured } = plan;
    if (measured === undefined) return;
    this.#collection ??= new Collection(measured.metric);
    this.#collection.update(measured.metric, now);
    const { revisit } = measured.scaling;
    if (revisit !== undefined) this.#requeues = [...this.#requeues, plus(now, revisit)];
  }

  /** Writes down what has changed. */
  #note(now: Instant): void {
    const status = this.#decider?.status;
    const active = this.#cluster.conditions.find(({ type }) => type === 'Active');
    const values: JsonObject = {
      replicas: this.#cluster.replicas,
      ready: this.#ready,
      decider: status && [status.desiredScale, status.excessBurstCapacity],
      sks: [this.#cluster.proxy === true ? 'Proxy' : 'Serve', this.#activators],
      active: active && [active.status, active.reason ?? ''],
      desiredScale: this.#cluster.desiredScale,
    };
    for (const [what, value] of Object.entries(values))
      if (value !== undefined && !sameJson(value, this.#logged[what])) this.log.push([now, what, value]);
    this.#logged = values;
  }
}

/** Everything together, in a closed loop with pods that take their time. */
export const KPA_E2E_REPLAY: Replay = {
  knows: (head) => head['kind'] === 'kpa_e2e',
  run: (recorded) => compared(objectIn(recorded, 'out'), { log: new Loop(objectIn(recorded, 'in')).run() }),
};
