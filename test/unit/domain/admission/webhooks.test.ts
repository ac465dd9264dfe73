import { expect, test } from '@jest/globals';
import { trustedIn, trustStep } from '../../../../src/domain/admission/webhooks.ts';
import {
  webhookConfigurationView,
  type WebhookConfiguration,
} from '../../../../src/domain/k8s/read/webhook-configuration.ts';
import type { Json } from '../../../../src/domain/json.ts';

const OWN = { namespace: 'knative-serving', name: 'hpa-bridge-webhook' };
const VALIDATING = 'ValidatingWebhookConfiguration';
const configuration = (...clientConfigs: readonly Json[]): WebhookConfiguration =>
  webhookConfigurationView.parse({
    metadata: { name: 'hpa-bridge' },
    webhooks: clientConfigs.map((clientConfig, i) => ({ name: `hook-${i}`, clientConfig })),
  });

test('the bundle is applied to the webhooks that lead to our Service, and nothing else of them', () => {
  const found = configuration(
    { service: OWN },
    { url: 'https://example.com' },
    { service: { ...OWN, name: 'other' } },
  );
  expect(trustedIn(found, OWN)).toBe('');
  expect(trustStep(VALIDATING, found, OWN, 'pem')).toEqual({
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingWebhookConfiguration',
    metadata: { name: 'hpa-bridge' },
    webhooks: [{ name: 'hook-0', clientConfig: { caBundle: btoa('pem') } }],
  });
});

test('a MutatingWebhookConfiguration is told the same', () => {
  const found = configuration({ service: OWN });
  expect(trustStep('MutatingWebhookConfiguration', found, OWN, 'pem')).toEqual({
    ...trustStep(VALIDATING, found, OWN, 'pem'),
    kind: 'MutatingWebhookConfiguration',
  });
});

test('nothing is applied where it is so already, or where no webhook leads to us', () => {
  const trusting = configuration({ service: OWN, caBundle: btoa('pem') });
  expect([trustedIn(trusting, OWN), trustStep(VALIDATING, trusting, OWN, 'pem')]).toEqual(['pem', undefined]);
  const foreign = configuration({ url: 'https://example.com' });
  expect([trustedIn(foreign, OWN), trustStep(VALIDATING, foreign, OWN, 'pem')]).toEqual([
    undefined,
    undefined,
  ]);
  expect(trustedIn(undefined, OWN)).toBeUndefined();
});

test('a bundle that is no base64 trusts nobody, and is replaced', () => {
  const broken = configuration({ service: OWN, caBundle: '%' });
  expect(trustedIn(broken, OWN)).toBe('');
  expect(trustStep(VALIDATING, broken, OWN, 'pem')).toBeDefined();
});

test.each(['inject-ca-from', 'inject-ca-from-secret', 'inject-apiserver-ca'])(
  'where cert-manager keeps the bundle (%s), it is read and not written',
  (what) => {
    const injected = webhookConfigurationView.parse({
      metadata: { name: 'hpa-bridge', annotations: { [`cert-manager.io/${what}`]: 'ns/certificate' } },
      webhooks: [{ name: 'hook', clientConfig: { service: OWN, caBundle: btoa('theirs') } }],
    });
    expect([trustedIn(injected, OWN), trustStep(VALIDATING, injected, OWN, 'ours')]).toEqual([
      'theirs',
      undefined,
    ]);
  },
);
