import { isInjected, pemIn } from '../certificate.ts';
import type { KubeObject } from '../k8s/meta.ts';
import type { WebhookConfiguration } from '../k8s/read/webhook-configuration.ts';
import { apiVersionOf, RESOURCES } from '../k8s/resources.ts';
import { isService, type ServiceName } from '../k8s/service-name.ts';

/** The ValidatingWebhookConfiguration by which the API server asks us. It is made by whoever installs hpa-bridge. */
export const WEBHOOK_CONFIGURATION = 'hpa-bridge';
/** Where reviews are posted to. */
export const WEBHOOK_PATH = '/validate';

const ours = (
  { webhooks }: WebhookConfiguration,
  own: ServiceName,
): readonly WebhookConfiguration['webhooks'][number][] =>
  webhooks.filter(({ clientConfig: { service } }) => service !== undefined && isService(service, own));

/** By which certificates (PEM) the API server trusts our Service; undefined while no webhook leads to it. */
export function trustedIn(
  configuration: WebhookConfiguration | undefined,
  own: ServiceName,
): string | undefined {
  const [first] = configuration === undefined ? [] : ours(configuration, own);
  return first === undefined ? undefined : pemIn(first.clientConfig.caBundle);
}

/**
 * What is to be applied so that the API server trusts our Service by this bundle (PEM): the bundles of the webhooks that lead to it, and
 * nothing else of them. Undefined: nothing, because it is so, or because cert-manager sees to it.
 */
export function trustStep(
  configuration: WebhookConfiguration,
  own: ServiceName,
  bundle: string,
): KubeObject | undefined {
  if (isInjected(configuration)) return undefined;
  const caBundle = btoa(bundle);
  const webhooks = ours(configuration, own);
  if (webhooks.every(({ clientConfig }) => clientConfig.caBundle === caBundle)) return undefined;
  return {
    apiVersion: apiVersionOf(RESOURCES.ValidatingWebhookConfiguration),
    kind: RESOURCES.ValidatingWebhookConfiguration.kind,
    metadata: { name: configuration.metadata.name },
    webhooks: webhooks.map(({ name }) => ({ name, clientConfig: { caBundle } })),
  };
}
