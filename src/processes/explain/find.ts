import { FaultError, faultOf } from '../../domain/fault.ts';
import { keyOfMeta } from '../../domain/k8s/meta.ts';
import { bridgePodView, CONTROLLER_LABELS, type BridgePod } from '../../domain/k8s/read/bridge-pod.ts';
import { RESOURCES } from '../../domain/k8s/resources.ts';
import { nameOf, type Key } from '../../domain/key.ts';
import type { KubeReader } from '../../ports/kube.ts';
import type { LeaseStore } from '../../ports/lease.ts';

/** A pod of ours, and where it listens. */
export interface Replica {
  readonly pod: Key;
  readonly port: number;
}

export interface FindParts {
  readonly reader: Pick<KubeReader, 'list'>;
  readonly lease: Pick<LeaseStore, 'read'>;
  readonly systemNamespace: string;
}

const USUAL_PORT = 8080;
const MOST = 50;

/** The pods of the controller that run, the leader first. Throws `FaultError` where there is none. */
export async function findReplicas(parts: FindParts, signal: AbortSignal): Promise<readonly Replica[]> {
  const { reader, lease, systemNamespace } = parts;
  const selection = { resource: RESOURCES.Pod, namespace: systemNamespace, labelSelector: CONTROLLER_LABELS };
  const [{ items }, holder] = await Promise.all([
    reader.list(selection, { limit: MOST }, signal),
    holderOf(lease, signal),
  ]);
  const running = items.flatMap((item) => {
    const read = bridgePodView.safeParse(item);
    return read.success && read.data.status.phase === 'Running' ? [replicaOf(read.data)] : [];
  });
  const leads = ({ pod }: Replica): boolean => holder.startsWith(`${nameOf(pod)}_`);
  if (running.length > 0) return [...running.filter(leads), ...running.filter((one) => !leads(one))];
  throw new FaultError({
    code: 'not_found',
    message: `No pod of hpa-bridge runs in the namespace ${systemNamespace} (labels ${CONTROLLER_LABELS}): expected one there, --system-namespace, or --url with an address of hpa-bridge.`,
  });
}

function replicaOf({ metadata, spec }: BridgePod): Replica {
  const ports = spec.containers.flatMap((container) => container.ports);
  const { containerPort = USUAL_PORT } = ports.find(({ name }) => name === 'http') ?? {};
  return { pod: keyOfMeta(metadata), port: containerPort };
}

/** Whoever may not read the lease asks any replica. */
async function holderOf(lease: FindParts['lease'], signal: AbortSignal): Promise<string> {
  try {
    return (await lease.read(signal))?.holder ?? '';
  } catch (thrown) {
    if (faultOf(thrown).code === 'forbidden') return '';
    throw thrown;
  }
}
