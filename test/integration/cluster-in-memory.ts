import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, type KubeApi } from '../../src/adapters/kube/connection.ts';
import { HttpActivatorClient } from '../../src/adapters/activators/http-activator-client.ts';
import { HttpStatSource } from '../../src/adapters/scrape/stat-source.ts';
import { systemClock } from '../../src/adapters/time/system-clock.ts';
import { parseBoot } from '../../src/domain/config/boot-reading.ts';
import type { BridgeEvent } from '../../src/domain/event.ts';
import type { Json, JsonObject } from '../../src/domain/json.ts';
import type { KubeObject } from '../../src/domain/k8s/meta.ts';
import type { Claim } from '../../src/domain/external-metrics/claim.ts';
import type { Key } from '../../src/domain/key.ts';
import { ms } from '../../src/domain/time.ts';
import type { Clock } from '../../src/ports/clock.ts';
import { err } from '../../src/domain/result.ts';
import type { ActivatorMetrics } from '../../src/ports/activator-metrics.ts';
import type { ActivatorClient } from '../../src/ports/activator-client.ts';
import { ALWAYS_OPEN, type Gate } from '../../src/engine/controller.ts';
import type { Leadership } from '../../src/engine/leadership.ts';
import {
  startApiServer,
  type ApiServer,
  type ApiServerOptions,
} from '../../src/playground/api-server/server.ts';
import { buildController } from '../../src/processes/controller/controller.ts';
import { ScriptedMeasurer } from '../doubles/scripted-measurer.ts';
import type { Controller, ControllerParts } from '../../src/processes/controller/parts.ts';
import { SilentLog } from '../doubles/silent-log.ts';
import { TallyingTelemetry } from '../doubles/tallying-telemetry.ts';

const PATHS: Readonly<Record<string, string>> = {
  Namespace: '/api/v1/namespaces',
  ConfigMap: '/api/v1/namespaces/NS/configmaps',
  Pod: '/api/v1/namespaces/NS/pods',
  Service: '/api/v1/namespaces/NS/services',
  Endpoints: '/api/v1/namespaces/NS/endpoints',
  Deployment: '/apis/apps/v1/namespaces/NS/deployments',
  Revision: '/apis/serving.knative.dev/v1/namespaces/NS/revisions',
  PodAutoscaler: '/apis/autoscaling.internal.knative.dev/v1alpha1/namespaces/NS/podautoscalers',
  ServerlessService: '/apis/networking.internal.knative.dev/v1alpha1/namespaces/NS/serverlessservices',
  ScaledObject: '/apis/keda.sh/v1alpha1/namespaces/NS/scaledobjects',
  HorizontalPodAutoscaler: '/apis/autoscaling/v2/namespaces/NS/horizontalpodautoscalers',
  CustomResourceDefinition: '/apis/apiextensions.k8s.io/v1/customresourcedefinitions',
};

const API_VERSIONS: Readonly<Record<string, string>> = {
  Namespace: 'v1',
  ConfigMap: 'v1',
  Pod: 'v1',
  Service: 'v1',
  Endpoints: 'v1',
  Deployment: 'apps/v1',
  Revision: 'serving.knative.dev/v1',
  PodAutoscaler: 'autoscaling.internal.knative.dev/v1alpha1',
  ServerlessService: 'networking.internal.knative.dev/v1alpha1',
  ScaledObject: 'keda.sh/v1alpha1',
  HorizontalPodAutoscaler: 'autoscaling/v2',
};

const NO_METRICS: ActivatorMetrics = { ask: () => Promise.resolve(err('nobody listens')) };

/** Longer than anything here takes on a slow machine; only a failing test waits so long. */
const PATIENCE = 60_000;

export const AUTOSCALING = 'autoscaling.knative.dev';
export const HPA_CLASS = 'hpa.autoscaling.knative.dev';

export interface Condition {
  readonly type: string;
  readonly status: string;
  readonly reason?: string;
  readonly message?: string;
  readonly lastTransitionTime?: string;
}

export interface RunningController {
  readonly telemetry: TallyingTelemetry;
  readonly log: SilentLog;
  readonly events: BridgeEvent[];
  /** Events that tell of another number of pods. */
  readonly moves: BridgeEvent[];
  /** What is asked, and what is answered. */
  readonly measurer: ScriptedMeasurer;
  readonly controller: Controller;
  /** Revisions that it has written for. */
  readonly wrote: Set<Key>;
  readonly api: KubeApi;
  stop(): Promise<void>;
}

/** The in-memory API server, a client of it, and what Knative's controllers would do, by hand. */
export class ClusterInMemory {
  readonly server: ApiServer;
  readonly #folder = mkdtempSync(join(tmpdir(), 'hpa-bridge-test-'));
  readonly #stops: (() => Promise<void>)[] = [];

  private constructor(server: ApiServer) {
    this.server = server;
  }

  static async start(options: ApiServerOptions = {}): Promise<ClusterInMemory> {
    const cluster = new ClusterInMemory(await startApiServer(options));
    await cluster.send('POST', PATHS['Namespace']!, { metadata: { name: 'knative-serving' } });
    return cluster;
  }

  async stop(): Promise<void> {
    await Promise.all(this.#stops.map((stop) => stop()));
    await this.server.stop();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async send(
    method: string,
    path: string,
    body?: JsonObject,
    type = 'application/json',
  ): Promise<KubeObject> {
    const answer = await fetch(`${this.server.url}${path}`, {
      method,
      headers: { 'content-type': type },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
    return JSON.parse(text) as KubeObject;
  }

  create(kind: string, name: string, rest: JsonObject, namespace = 'default'): Promise<KubeObject> {
    const { metadata, ...fields } = rest as { readonly metadata?: JsonObject };
    return this.send('POST', pathOf(kind, namespace), {
      apiVersion: API_VERSIONS[kind],
      kind,
      metadata: { name, ...metadata },
      ...fields,
    });
  }

  merge(
    kind: string,
    name: string,
    body: JsonObject,
    { subresource = '', namespace = 'default' } = {},
  ): Promise<KubeObject> {
    return this.send(
      'PATCH',
      `${pathOf(kind, namespace)}/${name}${subresource}`,
      body,
      'application/merge-patch+json',
    );
  }

  remove(kind: string, name: string, namespace = 'default'): Promise<KubeObject> {
    return this.send('DELETE', `${pathOf(kind, namespace)}/${name}`);
  }

  /** The object as stored, or undefined. */
  async get(kind: string, name: string, namespace = 'default'): Promise<KubeObject | undefined> {
    const answer = await fetch(`${this.server.url}${pathOf(kind, namespace)}/${name}`);
    const text = await answer.text();
    return answer.ok ? (JSON.parse(text) as KubeObject) : undefined;
  }

  /** How many pods a revision is told to have. */
  async replicas(revision: string): Promise<Json | undefined> {
    const deployment = await this.get('Deployment', `${revision}-deployment`);
    return (deployment?.['spec'] as JsonObject | undefined)?.['replicas'];
  }

  async conditions(name: string): Promise<Readonly<Record<string, Condition>>> {
    const pa = await this.get('PodAutoscaler', name);
    const status = pa?.['status'] as { readonly conditions?: readonly Condition[] } | undefined;
    return Object.fromEntries((status?.conditions ?? []).map((condition) => [condition.type, condition]));
  }

  /** What Knative's controllers make of a ksvc with these template annotations. */
  async revision(
    name: string,
    annotations: Readonly<Record<string, string>>,
    pods = 1,
    spec: JsonObject = {},
  ): Promise<void> {
    const all = { [`${AUTOSCALING}/class`]: HPA_CLASS, ...annotations };
    const labels = { 'serving.knative.dev/revision': name };
    const revision = await this.create('Revision', name, {
      metadata: { annotations: all, labels },
      spec,
    });
    const owner = {
      apiVersion: 'serving.knative.dev/v1',
      kind: 'Revision',
      name,
      uid: revision.metadata['uid'] as string,
      controller: true,
      blockOwnerDeletion: true,
    };
    const template = {
      metadata: { labels },
      spec: { containers: [{ name: 'user', image: 'example.com/app' }] },
    };
    await this.create('Deployment', `${name}-deployment`, {
      metadata: { labels, ownerReferences: [owner] },
      spec: { replicas: pods, selector: { matchLabels: labels }, template },
    });
    for (let pod = 0; pod < pods; pod += 1) await this.readyPod(name, pod);
    await this.create('PodAutoscaler', name, {
      metadata: {
        annotations: { [`${AUTOSCALING}/metric`]: 'cpu', ...all },
        labels,
        ownerReferences: [owner],
      },
      spec: {
        protocolType: 'http1',
        reachability: 'Reachable',
        scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: `${name}-deployment` },
      },
    });
  }

  /** `podIP`: where it can be asked for its requests. */
  readyPod(revision: string, index: number, podIP?: string): Promise<void> {
    return this.pod(revision, index, podIP, 'True');
  }

  /** A pod that runs. */
  async pod(
    revision: string,
    index: number,
    podIP?: string,
    ready: 'True' | 'False' = 'False',
  ): Promise<void> {
    const name = `${revision}-deployment-${index}`;
    const labels = { 'serving.knative.dev/revision': revision };
    await this.create('Pod', name, {
      metadata: { labels },
      spec: { containers: [{ name: 'user', image: 'x' }] },
    });
    const status = {
      phase: 'Running',
      conditions: [{ type: 'Ready', status: ready }],
      ...(podIP === undefined ? {} : { podIP }),
    };
    await this.merge('Pod', name, { status }, { subresource: '/status' });
  }

  /** Knative's ServerlessService controller, once. */
  async services(name: string): Promise<void> {
    const sks = await this.until(`the ServerlessService ${name}`, () => this.get('ServerlessService', name));
    const status = {
      observedGeneration: Number(sks.metadata['generation']),
      serviceName: name,
      privateServiceName: `${name}-private`,
      conditions: [
        { type: 'EndpointsPopulated', status: 'True' },
        { type: 'Ready', status: 'True' },
      ],
    };
    await this.merge('ServerlessService', name, { status }, { subresource: '/status' });
  }

  /** Polls until `look` finds something; what it waited for is in the error. */
  async until<T>(
    what: string,
    look: () => Promise<T | undefined | false> | T | undefined | false,
  ): Promise<T> {
    const deadline = performance.now() + PATIENCE;
    while (performance.now() < deadline) {
      const found = await look();
      if (found !== undefined && found !== false) return found;
      await systemClock.sleep(ms(10));
    }
    throw new Error(`waited in vain for ${what}`);
  }

  async condition(name: string, type: string, status: string, reason?: string): Promise<Condition> {
    return this.until(`${name}: ${type}=${status} ${reason ?? ''}`, async () => {
      const condition = (await this.conditions(name))[type];
      return (
        condition?.status === status && (reason === undefined || condition.reason === reason) && condition
      );
    });
  }

  /** The path of a kubeconfig of this server. */
  kubeconfig(): string {
    const path = join(this.#folder, 'kubeconfig');
    writeFileSync(path, this.server.kubeconfig());
    return path;
  }

  /** Runs the controller against this server until it is stopped. */
  async controller(
    options: {
      readonly gate?: Gate;
      readonly env?: Record<string, string>;
      readonly externalMetrics?: () => Claim;
      /** Where queue-proxies of this test listen; by default nowhere. */
      readonly statPort?: number;
      /** The clock of the controller itself; by default the real one. */
      readonly clock?: Clock;
      /** Instead of one that asks over HTTP. */
      readonly activatorClient?: ActivatorClient;
      /** Activators of Knative; by default none tells anything. */
      readonly activatorMetrics?: ActivatorMetrics;
      /** Instead of the scripted one. */
      readonly measurer?: ControllerParts['measurer'];
      /** Leads by leases instead of a gate. */
      readonly leads?: (api: KubeApi) => Leadership;
    } = {},
  ): Promise<RunningController> {
    const path = this.kubeconfig();
    const boot = parseBoot({ env: options.env ?? {}, flags: {}, hostname: 'test', unique: '1' });
    if (!boot.ok) throw new Error(boot.error.join(' '));
    const [telemetry, log] = [new TallyingTelemetry(), new SilentLog()];
    const [events, moves]: [BridgeEvent[], BridgeEvent[]] = [[], []];
    const api: KubeApi = await connect({
      source: { path, env: {} },
      clock: systemClock,
      log,
      telemetry,
      version: 'test',
      limit: { perSecond: 1000, burst: 1000 },
    });
    const measurer = new ScriptedMeasurer(systemClock);
    const stats = new HttpStatSource({ clock: systemClock, version: 'test', port: options.statPort ?? 1 });
    const leadership = options.leads?.(api);
    const gate = leadership ?? options.gate ?? ALWAYS_OPEN;
    const wrote = new Set<Key>();
    const controller = buildController({
      boot: boot.value,
      reader: api.reader,
      writer: (key) =>
        api.writer({
          mayWrite: () => {
            const may = gate.isOpen(key);
            if (may) wrote.add(key);
            return may;
          },
        }),
      recorder: { publish: (event) => void events.push(event) },
      decisionRecorder: { publish: (event) => void moves.push(event) },
      gate,
      measurer: options.measurer ?? measurer.make,
      stats,
      activatorClient: or(options.activatorClient, new HttpActivatorClient()),
      activatorMetrics: options.activatorMetrics ?? NO_METRICS,
      externalMetrics: () => options.externalMetrics?.() ?? { state: 'ours' },
      clock: or(options.clock, systemClock),
      random: Math.random,
      telemetry,
      log,
      timing: { unserved: ms(200), backoff: { base: ms(20), max: ms(200) } },
    });
    const end = new AbortController();
    const running = controller.run(end.signal);
    leadership?.onChange(controller.lead);
    const leading = leadership && controller.synced(end.signal).then(() => leadership.run(end.signal));
    const stop = async (): Promise<void> => {
      end.abort(new Error('test ends'));
      await Promise.all([running, leading]);
      await stats.close();
      await api.close();
    };
    this.#stops.push(stop);
    await controller.synced(end.signal);
    return { telemetry, log, events, moves, measurer, controller, wrote, stop, api };
  }
}

const pathOf = (kind: string, namespace: string): string => PATHS[kind]!.replace('/NS/', `/${namespace}/`);

const or = <T>(given: T | undefined, usual: T): T => given ?? usual;
