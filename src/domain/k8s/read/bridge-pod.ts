import { z } from 'zod';
import { metaView } from '../meta.ts';

/** What the manifests put on the pods of the controller. */
export const CONTROLLER_LABELS = 'app.kubernetes.io/name=hpa-bridge,app.kubernetes.io/component=controller';

/** What the manifests put on the pods of activators. */
export const ACTIVATOR_LABELS = 'app.kubernetes.io/name=hpa-bridge,app.kubernetes.io/component=activator';

/** Of a pod of our own we read where it listens. */
export const bridgePodView = z.object({
  metadata: metaView,
  spec: z.object({
    containers: z.array(
      z.object({
        ports: z.array(z.object({ name: z.string().default(''), containerPort: z.number() })).default([]),
      }),
    ),
  }),
  status: z.object({ phase: z.string().default('') }).default({ phase: '' }),
});
export type BridgePod = z.output<typeof bridgePodView>;
