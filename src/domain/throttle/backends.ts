import type { Pod } from '../k8s/read/workload.ts';
import { isServing } from '../k8s/read/workload.ts';

/** A pod that may take requests: it has an address, and is not on its way out. */
export interface Backend {
  readonly address: string;
  /** What Kubernetes says. */
  readonly ready: boolean;
}

const isAlive = ({ metadata, status: { phase } }: Pod): boolean =>
  metadata.deletionTimestamp === undefined && (phase === 'Running' || phase === 'Pending');

/** In the order of their addresses, which is the same in every process. */
export const backendsOf = (pods: Iterable<Pod>): readonly Backend[] =>
  [...pods]
    .filter((pod) => pod.status.podIP !== '' && isAlive(pod))
    .map((pod) => ({ address: pod.status.podIP, ready: isServing(pod) }))
    .sort((a, b) => (a.address < b.address ? -1 : 1));
