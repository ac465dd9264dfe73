import { isInjected, pemIn } from '../certificate.ts';
import type { KubeObject } from '../k8s/meta.ts';
import type { WebhookConfiguration } from '../k8s/read/webhook-configuration.ts';
import { apiVersionOf, RESOURCES } from '../k8s/resources.ts';
import { isService, type ServiceName } from '../k8s/service-name.ts';

/** The ValidatingWebhookConfiguration and the MutatingWebhookConfiguration by which the API server asks us. Whoever installs hpa-bridge makes them. */
export const WEBHOOK_CONFIGURATION = 'hpa-bridge';
/** Their kinds, each with the path that its reviews are posted to. */
export const WEBHOOK_PATHS = {
  ValidatingWebhookConfiguration: '/validate',
  MutatingWebhookConfiguration: '/mutate',
} as const;
export type WebhookKind = keyof typeof WEBHOOK_PATHS;
/** The label, with its value, of namespaces in which models are put into Services; another can be chosen at installation. */
export const MODELS_LABEL = 'hpa-bridge.dev/models=enabled';

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
  kind: WebhookKind,
  configuration: WebhookConfiguration,
  own: ServiceName,
  bundle: string,
): KubeObject | undefined {
  if (isInjected(configuration)) return undefined;
  const caBundle = btoa(bundle);
  const webhooks = ours(configuration, own);
  if (webhooks.every(({ clientConfig }) => clientConfig.caBundle === caBundle)) return undefined;
  return {
    apiVersion: apiVersionOf(RESOURCES[kind]),
    kind,
    metadata: { name: configuration.metadata.name },
    webhooks: webhooks.map(({ name }) => ({ name, clientConfig: { caBundle } })),
  };
}
