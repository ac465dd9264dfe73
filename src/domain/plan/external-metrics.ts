import type { Claim } from '../external-metrics/claim.ts';
import type { Because } from '../k8s/conditions.ts';
import { keyOfSetting } from '../annotation/table.ts';
import { hpaOwnership, ownershipOf } from './ownership.ts';
import { targetInForce } from './target-in-force.ts';
import type { World } from './world.ts';

/** Why no HPA can be told the value of a query; undefined while we serve external.metrics.k8s.io. */
export function notServing(api: Claim): Because | undefined {
  const way = `expected KEDA to scale it (${keyOfSetting('backend')}: keda)`;
  switch (api.state) {
    case 'ours':
      return undefined;
    case 'foreign':
      return {
        reason: 'ExternalMetricsForeign',
        message: `external.metrics.k8s.io is served by ${api.owner}, so that no HPA can be told the value of a query: ${way}, or that API to be given up.`,
      };
    case 'unclaimed':
      return {
        reason: 'ExternalMetricsUnclaimed',
        message: `external.metrics.k8s.io is not served by hpa-bridge, or not yet, so that no HPA can be told the value of a query: ${way}, or hpa-bridge to have the port and the rights for that API.`,
      };
  }
}

/** Whether an HPA of ours asks for our metric already: then it is kept, whoever answers it. */
export const asksExternal = (world: World): boolean =>
  hpaOwnership(world) === 'ours' && targetInForce(world.hpa) !== undefined;

/** Whether something of ours, or KEDA's for us, scales the revision now. */
export const isScaled = (world: World): boolean =>
  ownershipOf(world, 'ScaledObject') === 'ours' || ['ours', 'keda', 'orphan'].includes(hpaOwnership(world));
