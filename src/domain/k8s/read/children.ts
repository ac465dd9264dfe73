import { z } from 'zod';
import type { JsonObject } from '../../json.ts';
import { parseRfc3339 } from '../../rfc3339.ts';
import { metaView } from '../meta.ts';
import { conditionsView } from './condition.ts';
import { wholeObject } from './whole-object.ts';

/** What we read of a HorizontalPodAutoscaler (autoscaling/v2). */
export const horizontalPodAutoscalerView = z.object({
  metadata: metaView,
  spec: wholeObject,
  status: z
    .object({
      currentReplicas: z.number().default(0),
      desiredReplicas: z.number().default(0),
      /** Present once the HPA controller has looked at the object. */
      conditions: conditionsView,
      /** What it was told last, in whatever form its type has. */
      currentMetrics: z
        .array(wholeObject)
        .nullish()
        .transform((list): readonly JsonObject[] => list ?? []),
    })
    .default({ currentReplicas: 0, desiredReplicas: 0, conditions: [], currentMetrics: [] }),
});
export type HorizontalPodAutoscaler = z.output<typeof horizontalPodAutoscalerView>;

/** What we read of a KEDA ScaledObject. */
export const scaledObjectView = z.object({
  metadata: metaView,
  spec: wholeObject,
  status: z
    .object({
      conditions: conditionsView,
      hpaName: z.string().default(''),
      /** When a trigger was active last; absent: none ever was. */
      lastActiveTime: z
        .string()
        .nullish()
        .transform((text) => (typeof text === 'string' ? parseRfc3339(text) : undefined)),
      /** By name of the metric: how KEDA's last question for it went. */
      health: z.record(z.string(), z.object({ status: z.string().default('') })).default({}),
    })
    .default({ conditions: [], hpaName: '', lastActiveTime: undefined, health: {} }),
});
export type ScaledObject = z.output<typeof scaledObjectView>;

/** What we read of a ServerlessService. */
export const serverlessServiceView = z.object({
  metadata: metaView,
  spec: wholeObject,
  status: z
    .object({
      observedGeneration: z.number().optional(),
      conditions: conditionsView,
      serviceName: z.string().default(''),
      privateServiceName: z.string().default(''),
    })
    .default({ conditions: [], serviceName: '', privateServiceName: '' }),
});
export type ServerlessService = z.output<typeof serverlessServiceView>;
