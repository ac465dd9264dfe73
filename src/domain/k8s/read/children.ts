import { z } from 'zod';
import type { JsonObject } from '../../json.ts';
import { metaView } from '../meta.ts';
import { conditionsView } from './condition.ts';

// The spec of a child is kept whole: the planner compares it, field by field, with the one that it would apply.
const wholeSpec = z
  .custom<JsonObject>((value) => typeof value === 'object' && value !== null && !Array.isArray(value))
  .default({});

/** What we read of a HorizontalPodAutoscaler (autoscaling/v2). */
export const horizontalPodAutoscalerView = z.object({
  metadata: metaView,
  spec: wholeSpec,
  status: z
    .object({
      currentReplicas: z.number().default(0),
      desiredReplicas: z.number().default(0),
      /** Present once the HPA controller has looked at the object. */
      conditions: conditionsView,
      /** What it was told last, in whatever form its type has. */
      currentMetrics: z
        .array(wholeSpec)
        .nullish()
        .transform((list): readonly JsonObject[] => list ?? []),
    })
    .default({ currentReplicas: 0, desiredReplicas: 0, conditions: [], currentMetrics: [] }),
});
export type HorizontalPodAutoscaler = z.output<typeof horizontalPodAutoscalerView>;

/** What we read of a KEDA ScaledObject. */
export const scaledObjectView = z.object({
  metadata: metaView,
  spec: wholeSpec,
  status: z
    .object({
      conditions: conditionsView,
      hpaName: z.string().default(''),
      /** By name of the metric: how KEDA's last question for it went. */
      health: z.record(z.string(), z.object({ status: z.string().default('') })).default({}),
    })
    .default({ conditions: [], hpaName: '', health: {} }),
});
export type ScaledObject = z.output<typeof scaledObjectView>;

/** What we read of a ServerlessService. */
export const serverlessServiceView = z.object({
  metadata: metaView,
  spec: wholeSpec,
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
