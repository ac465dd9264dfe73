import { FaultError } from '../../domain/fault.ts';
import { keyOfMeta } from '../../domain/k8s/meta.ts';
import { bridgePodView, CONTROLLER_LABELS, httpPortOf } from '../../domain/k8s/read/bridge-pod.ts';
import { RESOURCES } from '../../domain/k8s/resources.ts';
import type { Key } from '../../domain/key.ts';
import type { KubeReader } from '../../ports/kube.ts';

/** A pod of ours, and where it listens. */
export interface Replica {
  readonly pod: Key;
  readonly port: number;
}

const MOST = 50;

/** The pods of the controller that run. Throws `FaultError` where there is none. */
export async function findReplicas(
  reader: Pick<KubeReader, 'list'>,
  systemNamespace: string,
  signal: AbortSignal,
): Promise<readonly Replica[]> {
  const selection = { resource: RESOURCES.Pod, namespace: systemNamespace, labelSelector: CONTROLLER_LABELS };
  const { items } = await reader.list(selection, { limit: MOST }, signal);
  const running = items.flatMap((item) => {
    const read = bridgePodView.safeParse(item);
    return read.success && read.data.status.phase === 'Running'
      ? [{ pod: keyOfMeta(read.data.metadata), port: httpPortOf(read.data) }]
      : [];
  });
  if (running.length > 0) return running;
  throw new FaultError({
    code: 'not_found',
    message: `No pod of hpa-bridge runs in the namespace ${systemNamespace} (labels ${CONTROLLER_LABELS}): expected one there, --system-namespace, or --url with an address of hpa-bridge.`,
  });
}
