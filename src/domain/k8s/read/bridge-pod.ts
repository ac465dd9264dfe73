import { z } from 'zod';
import { metaView } from '../meta.ts';
import { conditionsView } from './condition.ts';

/** What the manifests put on the pods of the controller. */
export const CONTROLLER_LABELS = 'app.kubernetes.io/name=hpa-bridge,app.kubernetes.io/component=controller';

/** What the manifests put on the pods of activators. */
export const ACTIVATOR_LABELS = 'app.kubernetes.io/name=hpa-bridge,app.kubernetes.io/component=activator';

/** Of a pod of our own we read where it listens, how it is set, whether it is ready, and with whose rights it works. */
export const bridgePodView = z.object({
  metadata: metaView,
  spec: z.object({
    serviceAccountName: z.string().default('hpa-bridge'),
    containers: z.array(
      z.object({
        ports: z.array(z.object({ name: z.string().default(''), containerPort: z.number() })).default([]),
        env: z.array(z.object({ name: z.string(), value: z.string().optional() })).default([]),
      }),
    ),
  }),
  status: z
    .object({ phase: z.string().default(''), conditions: conditionsView })
    .default({ phase: '', conditions: [] }),
});
export type BridgePod = z.output<typeof bridgePodView>;

const USUAL_PORT = 8080;

/** Where it answers `/metrics` and tells decisions. */
export function httpPortOf({ spec }: BridgePod): number {
  const ports = spec.containers.flatMap((container) => container.ports);
  return ports.find(({ name }) => name === 'http')?.containerPort ?? USUAL_PORT;
}
