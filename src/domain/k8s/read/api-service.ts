import { z } from 'zod';
import { metaView } from '../meta.ts';

/** Go prints what was never set as null, or not at all. */
const text = z
  .string()
  .nullish()
  .transform((value) => value ?? '');

/** What we read of an APIService (apiregistration.k8s.io/v1). Without a service, the API server answers for the group itself. */
export const apiServiceView = z.object({
  metadata: metaView,
  spec: z.object({
    service: z
      .object({ namespace: text, name: text, port: z.number().default(443) })
      .nullish()
      .transform((service) => service ?? undefined),
    /** Base64 of PEM. */
    caBundle: text,
    insecureSkipTLSVerify: z.boolean().default(false),
  }),
});
export type ApiService = z.output<typeof apiServiceView>;
