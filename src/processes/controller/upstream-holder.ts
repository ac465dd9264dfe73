import { otherAutoscalerOf } from '../../domain/config/other-autoscalers.ts';
import type { Log } from '../../ports/log.ts';

/** Says that another autoscaler holds the lease: until it is scaled down, we only watch. */
export function upstreamHolds(
  holder: string | undefined,
  { log, lease, namespace }: { readonly log: Log; readonly lease: string; readonly namespace: string },
): void {
  const other = otherAutoscalerOf(holder ?? '');
  if (holder === undefined || other === undefined) return;
  log.warn('another autoscaler holds the lease: waiting until its Deployment is scaled to 0', {
    lease,
    holder,
    detail: `kubectl --namespace ${namespace} scale deployment ${other} --replicas 0`,
  });
}
