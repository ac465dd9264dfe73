import type { LiveConfig } from '../../domain/config/live.ts';
import { clusterIpView } from '../../domain/k8s/read/cluster-ip.ts';
import { revisionOf } from '../../domain/k8s/read/workload.ts';
import { RESOURCES } from '../../domain/k8s/resources.ts';
import { keyOf, namespaceOf, type Key } from '../../domain/key.ts';
import type { LineBounds } from '../../domain/throttle/line.ts';
import type { KubeReader, KubeWriter } from '../../ports/kube.ts';
import type { Log } from '../../ports/log.ts';
import type { Seeker, ServedRevision, Throttler } from '../../ports/throttler.ts';
import type { Caches } from './caches.ts';
import { ColdStarts } from './cold-starts.ts';
import { Flow } from './flow.ts';
import type { ProbesParts } from './probes.ts';
import { heldRevisions, type HeldRevision } from './revision-series.ts';
import { Routes } from './routes.ts';
import { Waker } from './waker.ts';

export interface ThrottlerParts extends ProbesParts {
  readonly caches: Caches;
  readonly config: () => LiveConfig;
  readonly reader: Pick<KubeReader, 'get'>;
  readonly writer: Pick<KubeWriter, 'merge'>;
  /** Autoscaler classes whose revisions are woken. */
  readonly classes: readonly string[];
  /** Where the world finds us; undefined: nobody has said. */
  readonly address: string | undefined;
  /** What may wait for one revision. */
  readonly bounds: LineBounds;
  readonly random: () => number;
  readonly log: Log;
  /** Hears of each request, for those who scale by them. */
  readonly requests: { arrived(key: Key): void; left(key: Key): void };
}

/** Lets requests wait, wakes their revisions, and gives them places at the pods. Knows the cluster by its caches. */
export class PodThrottler implements Throttler {
  readonly #parts: ThrottlerParts;
  readonly #routes: Routes;
  readonly #flows = new Map<Key, Flow>();
  readonly #waker: Waker;
  readonly #coldStarts: ColdStarts;

  constructor(parts: ThrottlerParts) {
    this.#parts = parts;
    this.#routes = new Routes(parts);
    this.#coldStarts = new ColdStarts(parts);
    this.#waker = new Waker({
      ...parts,
      podAutoscaler: (key) => this.#routes.podAutoscaler(key),
      deployment: (key) => this.#routes.deployment(key),
      autoscaler: () => parts.config().autoscaler,
      classes: new Set(parts.classes),
      isWanted: (key) => this.inFlight(key) > 0,
      onWoken: (key) => this.#coldStarts.reach(key, 'scaled'),
    });
    this.#listen();
  }

  revision(key: Key): ServedRevision | undefined {
    return this.#routes.served(key);
  }

  /** Requests for the revision that have come and are not answered. */
  inFlight(key: Key): number {
    return this.#flows.get(key)?.inFlight ?? 0;
  }

  arrived(key: Key): void {
    this.#flowOf(key).arrived();
    this.#parts.requests.arrived(key);
    this.#waker.look(key);
  }

  answered(key: Key): void {
    this.#coldStarts.reach(key, 'answered');
  }

  left(key: Key): void {
    const flow = this.#flows.get(key);
    flow?.left();
    this.#parts.requests.left(key);
    if (flow?.inFlight !== 0) return;
    this.#coldStarts.forget(key);
    this.#tidy(key, flow);
  }

  seek(seeker: Seeker): void {
    const flow = this.#flowOf(seeker.key);
    if (!flow.hasBackends) this.#coldStarts.begin(seeker.key);
    flow.seek(seeker);
  }

  withdraw(seeker: Seeker): void {
    this.#flows.get(seeker.key)?.withdraw(seeker);
  }

  /** How many requests are under way, and how many of them wait, in all. */
  counts(): { readonly inFlight: number; readonly waiting: number } {
    let [inFlight, waiting] = [0, 0];
    for (const flow of this.#flows.values()) {
      inFlight += flow.inFlight;
      waiting += flow.waiting;
    }
    return { inFlight, waiting };
  }

  /** The series of each revision, as it stands when it is its turn. */
  series(): Iterable<HeldRevision> {
    return this.#parts.config().bridge.revisionMetrics === 'all'
      ? heldRevisions(this.#flows, this.#coldStarts.ended)
      : [];
  }

  close(): void {
    for (const flow of this.#flows.values()) flow.close();
  }

  #flowOf(key: Key): Flow {
    const known = this.#flows.get(key);
    if (known !== undefined) return known;
    const flow = new Flow({
      ...this.#parts,
      course: () => this.#routes.course(key),
      service: () => this.#serviceAddress(key),
      onServing: () => this.#coldStarts.reach(key, 'serving'),
    });
    this.#flows.set(key, flow);
    return flow;
  }

  /** Of the Service in front of the pods; undefined where there is none, or nobody says. */
  async #serviceAddress(key: Key): Promise<string | undefined> {
    const name = this.#routes.podAutoscaler(key)?.status.metricsServiceName ?? '';
    if (name === '') return undefined;
    const at = keyOf(namespaceOf(key), name);
    const object = await this.#parts.reader.get(RESOURCES.Service, at).catch(() => undefined);
    return clusterIpView.safeParse(object).data;
  }

  #listen(): void {
    const { caches } = this.#parts;
    caches.pods.store.subscribe((_key, before, after) => {
      const pod = after ?? before;
      for (const key of pod === undefined ? [] : revisionOf(pod)) {
        if (after !== undefined) this.#coldStarts.saw(key, after);
        this.#refresh(key);
      }
    });
    caches.endpoints.store.subscribe((key) => this.#refresh(key));
    caches.configMaps.store.subscribe(() => {
      for (const key of this.#flows.keys()) this.#refresh(key);
    });
    caches.podAutoscalers.store.subscribe((key) => {
      this.#refresh(key);
      this.#waker.look(key);
    });
    caches.revisions.store.subscribe((key, _before, after) => {
      if (after === undefined) this.#coldStarts.gone(key);
      this.#refresh(key);
    });
    caches.deployments.store.subscribe((_key, before, after) => {
      const deployment = after ?? before;
      for (const key of deployment === undefined ? [] : revisionOf(deployment)) this.#waker.look(key);
    });
  }

  #refresh(key: Key): void {
    const flow = this.#flows.get(key);
    if (flow === undefined) return;
    flow.refresh();
    this.#tidy(key, flow);
  }

  /** A revision without requests and without pods needs no memory. */
  #tidy(key: Key, flow: Flow): void {
    if (!flow.isIdle || flow.hasPods) return;
    flow.close();
    this.#flows.delete(key);
  }
}
