import type { Log } from '../../ports/log.ts';

/** Deployments of other programs that serve the same class under the same lease; a holder is `<pod>_<unique>`. */
const OTHERS = ['autoscaler-hpa', 'autoscaler-keda'] as const;

/** Says that another autoscaler holds the lease: until it is scaled down, we only watch. */
export function upstreamHolds(
  holder: string | undefined,
  { log, lease, namespace }: { readonly log: Log; readonly lease: string; readonly namespace: string },
): void {
  const other = OTHERS.find((name) => holder?.startsWith(`${name}-`) === true);
  if (holder === undefined || other === undefined) return;
  log.warn('another autoscaler holds the lease: waiting until its Deployment is scaled to 0', {
    lease,
    holder,
    detail: `kubectl --namespace ${namespace} scale deployment ${other} --replicas 0`,
  });
}
