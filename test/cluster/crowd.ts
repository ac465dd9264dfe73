import { REVISION_LABEL } from '../../src/domain/k8s/read/workload.ts';
import { KINDS } from './kinds.ts';
import { api } from './lab.ts';

/** Requests to the API server at a time. */
const WIDTH = 24;
/** A Node that is nowhere: nobody runs its pods, and nobody but us says how they are. */
const NODE = 'crowd';

const addressOf = (index: number): string => `10.201.${Math.floor(index / 250)}.${1 + (index % 250)}`;

async function each(count: number, work: (name: string, index: number) => Promise<unknown>): Promise<void> {
  const queue = Array.from({ length: count }, (_, i) => `crowd-${i}`).entries();
  await Promise.all(
    Array.from({ length: WIDTH }, async () => {
      for (const [index, name] of queue) await work(name, index);
    }),
  );
}

/** Pods of a revision that say they are ready, without anything behind them: Kubernetes puts them into Endpoints like any others. */
export class Crowd implements AsyncDisposable {
  readonly addresses: readonly string[];
  readonly #path: string;

  private constructor(namespace: string, count: number) {
    this.addresses = Array.from({ length: count }, (_, index) => addressOf(index));
    this.#path = `/api/v1/namespaces/${namespace}/pods`;
  }

  static async of(namespace: string, revision: string, count: number): Promise<Crowd> {
    const crowd = new Crowd(namespace, count);
    await api.apply(KINDS.node, { metadata: { name: NODE }, spec: { unschedulable: true } });
    const { spec } = await api.get(KINDS.deployment, namespace, `${revision}-deployment`);
    const labels = { ...spec.selector?.matchLabels, [REVISION_LABEL]: revision };
    const container = { image: 'dev.local/app:1', ports: [{ name: 'http', containerPort: 8012 }] };
    await each(count, async (name, index) => {
      await api.apply(KINDS.pod, {
        metadata: { namespace, name, labels },
        spec: { nodeName: NODE, containers: [{ name: 'app', ...container }] },
      });
      await crowd.#isReady(name, addressOf(index));
    });
    return crowd;
  }

  /** The first of them go. */
  thinOut(count: number): Promise<void> {
    return each(count, (name) => api.send('DELETE', `${this.#path}/${name}?gracePeriodSeconds=0`));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await api.send('DELETE', `${this.#path}?gracePeriodSeconds=0&fieldSelector=spec.nodeName%3D${NODE}`);
    await api.remove(KINDS.node, undefined, NODE);
  }

  #isReady(name: string, podIP: string): Promise<unknown> {
    const ready = { type: 'Ready', status: 'True', lastTransitionTime: '2026-01-01T00:00:00Z' };
    const status = { phase: 'Running', podIP, podIPs: [{ ip: podIP }], conditions: [ready] };
    return api.send('PATCH', `${this.#path}/${name}/status`, { status }, 'application/merge-patch+json');
  }
}
