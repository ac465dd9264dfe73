import { expect, test } from '@jest/globals';
import { bundleIn, claimOf, claimStep } from '../../../../src/domain/external-metrics/claim.ts';
import { apiServiceView, type ApiService } from '../../../../src/domain/k8s/read/api-service.ts';

const OWN = { namespace: 'knative-serving', name: 'hpa-bridge-external-metrics' };
const BUNDLE = '-----BEGIN CERTIFICATE-----\nQQ==\n-----END CERTIFICATE-----\n';

const apiService = (spec: object): ApiService =>
  apiServiceView.parse({
    metadata: { name: 'v1beta1.external.metrics.k8s.io', resourceVersion: '7' },
    spec: { group: 'external.metrics.k8s.io', version: 'v1beta1', ...spec },
  });
const ours = (spec: object = {}): ApiService =>
  apiService({ service: { ...OWN, port: 443 }, caBundle: btoa(BUNDLE), ...spec });

test.each([
  [undefined, { state: 'unclaimed' }],
  [ours(), { state: 'ours' }],
  [apiService({ service: { ...OWN, name: 'other' } }), { state: 'foreign', owner: 'knative-serving/other' }],
  [
    apiService({ service: { ...OWN, namespace: 'keda' } }),
    { state: 'foreign', owner: 'keda/hpa-bridge-external-metrics' },
  ],
  [apiService({}), { state: 'foreign', owner: 'the API server itself' }],
  [apiService({ service: null, caBundle: null }), { state: 'foreign', owner: 'the API server itself' }],
])('who has it: %#', (object, claim) => expect(claimOf(object, OWN)).toEqual(claim));

test('what nobody has is made, not applied: whoever is faster keeps it', () => {
  expect(claimStep(undefined, OWN, BUNDLE)).toMatchObject({
    do: 'create',
    object: { kind: 'APIService', spec: { service: { ...OWN, port: 443 }, caBundle: btoa(BUNDLE) } },
  });
});

test('what is as it should be is left alone', () => expect(claimStep(ours(), OWN, BUNDLE)).toBeUndefined());

test.each([
  ['another bundle', { caBundle: btoa('old') }],
  ['no bundle', { caBundle: undefined }],
  ['no check of it', { caBundle: undefined, insecureSkipTLSVerify: true }],
  ['another port', { service: { ...OWN, port: 8443 } }],
])('%s in ours is put right, if it has not changed hands in between', (_, spec) => {
  expect(claimStep(ours(spec), OWN, BUNDLE)).toMatchObject({
    do: 'merge',
    body: {
      metadata: { resourceVersion: '7' },
      spec: { service: { port: 443 }, caBundle: btoa(BUNDLE), insecureSkipTLSVerify: false },
    },
  });
});

test.each([apiService({}), apiService({ service: { namespace: 'keda', name: 'keda-metrics-apiserver' } })])(
  'what is somebody else’s is never touched: %#',
  (object) => {
    expect(claimStep(object, OWN, BUNDLE)).toBeUndefined();
    expect(bundleIn(object, OWN)).toBeUndefined();
  },
);

test('the bundle that counts is the one of ours', () => {
  expect(bundleIn(ours(), OWN)).toBe(BUNDLE);
  expect(bundleIn(ours({ caBundle: '%' }), OWN)).toBe('');
});

test('where cert-manager keeps the bundle, everything else is put right', () => {
  const injected = (spec: object): ApiService =>
    apiServiceView.parse({
      metadata: {
        name: 'v1beta1.external.metrics.k8s.io',
        annotations: { 'cert-manager.io/inject-ca-from': 'knative-serving/hpa-bridge-external-metrics' },
      },
      spec: { service: { ...OWN, port: 443 }, caBundle: btoa('theirs'), ...spec },
    });
  expect(claimStep(injected({}), OWN, BUNDLE)).toBeUndefined();
  const step = claimStep(injected({ service: { ...OWN, port: 8443 } }), OWN, BUNDLE);
  expect(step).toMatchObject({ do: 'merge', body: { spec: { service: { port: 443 } } } });
  expect(JSON.stringify(step)).not.toContain('caBundle');
});
