import { z } from 'zod';

/** Of the Service in front of pods we read its own address. Undefined: it has none. */
export const clusterIpView = z
  .object({ spec: z.object({ clusterIP: z.string().default('') }).default({ clusterIP: '' }) })
  .transform(({ spec: { clusterIP } }) => (clusterIP === '' || clusterIP === 'None' ? undefined : clusterIP));
