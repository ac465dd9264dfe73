import { keyOfMeta } from '../k8s/meta.ts';
import type { Intended } from './intent-of.ts';
import { hpaOwnership } from './ownership.ts';
import type { Step, World } from './world.ts';

/**
 * Lifts a Deployment from zero where an HPA scales: the HPA stands still there, and nobody else would wake the revision. It is born so with
 * `initial-scale: 0`, or was scaled by hand. KEDA lifts to its minimum by itself (keda: scale_scaledobjects.go).
 */
export function awake(
  world: World,
  { backend, intent }: Intended,
): Extract<Step, { do: 'scale' }> | undefined {
  const { deployment } = world;
  if (backend !== 'hpa' || deployment?.spec.replicas !== 0 || hpaOwnership(world) === 'foreign')
    return undefined;
  if (deployment.metadata.deletionTimestamp !== undefined) return undefined;
  const { resourceVersion } = deployment.metadata;
  return { do: 'scale', key: keyOfMeta(deployment.metadata), replicas: intent.bounds.min, resourceVersion };
}
