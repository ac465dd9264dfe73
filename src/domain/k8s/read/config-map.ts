import { z } from 'zod';
import { metaView } from '../meta.ts';

/** Of a ConfigMap we read the text data. */
export const configMapView = z.object({
  metadata: metaView,
  data: z
    .record(z.string(), z.string())
    .nullish()
    .transform((data) => data ?? {}),
});
export type ConfigMap = z.output<typeof configMapView>;
