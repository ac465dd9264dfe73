import { z } from 'zod';
import { metaView } from '../k8s/meta.ts';
import { apiServiceView } from '../k8s/read/api-service.ts';
import { conditionsView } from '../k8s/read/condition.ts';

/** Of a Deployment that is no revision's we read its version, too. */
export const installedView = z.object({
  metadata: metaView,
  spec: z.object({ replicas: z.number().default(1) }).default({ replicas: 1 }),
});

/** An APIService, and whether the API server reaches what serves it. */
export const reachedView = apiServiceView.extend({
  status: z.object({ conditions: conditionsView }).default({ conditions: [] }),
});
