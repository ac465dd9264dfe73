import { z } from 'zod';
import { metaView } from '../meta.ts';
import { conditionsView } from './condition.ts';

/** What we read of a PodAutoscaler (serving: config/core/300-resources/podautoscaler.yaml). */
export const podAutoscalerView = z.object({
  metadata: metaView,
  spec: z.object({
    scaleTargetRef: z.object({
      apiVersion: z.string().default(''),
      kind: z.string().default(''),
      name: z.string().default(''),
    }),
    protocolType: z.string().default(''),
    reachability: z.string().default(''),
    containerConcurrency: z.number().default(0),
  }),
  status: z
    .object({
      observedGeneration: z.number().optional(),
      conditions: conditionsView,
      serviceName: z.string().optional(),
      metricsServiceName: z.string().optional(),
      desiredScale: z.number().optional(),
      actualScale: z.number().optional(),
    })
    .default({ conditions: [] }),
});
export type PodAutoscaler = z.output<typeof podAutoscalerView>;
