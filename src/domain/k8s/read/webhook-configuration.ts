import { z } from 'zod';
import { metaView } from '../meta.ts';

/** What we read of a ValidatingWebhookConfiguration or MutatingWebhookConfiguration (admissionregistration.k8s.io/v1). */
export const webhookConfigurationView = z.object({
  metadata: metaView,
  webhooks: z
    .array(
      z.object({
        name: z.string(),
        /** `Ignore`: what nobody answers for is stored. */
        failurePolicy: z.string().default('Fail'),
        clientConfig: z.object({
          /** Absent: the webhook has a URL. */
          service: z
            .object({ namespace: z.string(), name: z.string() })
            .nullish()
            .transform((service) => service ?? undefined),
          /** Base64 of PEM. */
          caBundle: z.string().default(''),
        }),
      }),
    )
    .default([]),
});
export type WebhookConfiguration = z.output<typeof webhookConfigurationView>;
