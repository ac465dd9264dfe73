import { api } from './lab.ts';
import { KINDS } from './kinds.ts';
import { REVISION_LABEL } from '../../src/domain/k8s/read/workload.ts';

/** Requests to the API server at a time. */
const WIDTH = 24;

const addressOf = (index: number): string => `10.201.${Math.floor(index / 250)}.${1 + (index % 250)}`;
const names = (count: number): readonly string[] => Array.from({ length: count }, (_, i) => `crowd-${i}`);

async function each(count: number, work: (name: string, index: number) => Promise<unknown>): Promise<void> {
  const queue = names(count).entries();
  await Promise.all(
    Array.from({ length: WIDTH }, async () => {
      for (const [index, name] of queue) await work(name, index);
    }),
  );
}

/** Pods of a revision that say they are ready, without anything behind them: Kubernetes puts them into Endpoints like any others. Their addresses. */
export async function makeCrowd(
  namespace: string,
  revision: string,
  count: number,
): Promise<readonly string[]> {
  const { spec } = await api.get(KINDS.deployment, namespace, `${revision}-deployment`);
  const labels = { ...spec.selector?.matchLabels, [REVISION_LABEL]: revision };
  const container = { image: 'dev.local/app:1', ports: [{ name: 'http', containerPort: 8012 }] };
  await each(count, async (name, index) => {
    // Nobody may run it: it waits at a gate that nobody opens.
    await api.apply(KINDS.pod, {
      metadata: { namespace, name, labels },
      spec: { schedulingGates: [{ name: 'example.com/crowd' }], containers: [{ name: 'app', ...container }] },
    });
    const podIP = addressOf(index);
    const ready = { type: 'Ready', status: 'True', lastTransitionTime: '2026-01-01T00:00:00Z' };
    await api.send(
      'PATCH',
      `/api/v1/namespaces/${namespace}/pods/${name}/status`,
      { status: { phase: 'Running', podIP, podIPs: [{ ip: podIP }], conditions: [ready] } },
      'application/merge-patch+json',
    );
  });
  return Array.from({ length: count }, (_, index) => addressOf(index));
}

/** The first of them go. */
export const thinOut = (namespace: string, count: number): Promise<void> =>
  each(count, (name) => api.remove(KINDS.pod, namespace, name));
