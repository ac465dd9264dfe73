import { expect, test } from '@jest/globals';
import { documentAt } from '../../../../src/domain/external-metrics/discovery.ts';

const text = (path: string, accept = 'application/json'): string =>
  JSON.stringify(documentAt(path, accept)?.body);

// Byte for byte what the Go libraries of custom-metrics-apiserver serialise.
test('the documents of version 1', () => {
  expect(text('/apis')).toBe(
    '{"kind":"APIGroupList","apiVersion":"v1","groups":[{"name":"external.metrics.k8s.io","versions":[{"groupVersion":"external.metrics.k8s.io/v1beta1","version":"v1beta1"}],"preferredVersion":{"groupVersion":"external.metrics.k8s.io/v1beta1","version":"v1beta1"}}]}',
  );
  expect(text('/apis/external.metrics.k8s.io')).toBe(
    '{"kind":"APIGroup","apiVersion":"v1","name":"external.metrics.k8s.io","versions":[{"groupVersion":"external.metrics.k8s.io/v1beta1","version":"v1beta1"}],"preferredVersion":{"groupVersion":"external.metrics.k8s.io/v1beta1","version":"v1beta1"}}',
  );
  expect(text('/apis/external.metrics.k8s.io/v1beta1')).toBe(
    '{"kind":"APIResourceList","apiVersion":"v1","groupVersion":"external.metrics.k8s.io/v1beta1","resources":[{"name":"externalmetrics","singularName":"","namespaced":true,"kind":"ExternalMetricValueList","verbs":["get"]}]}',
  );
});

const AGGREGATED = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';

test.each([
  [AGGREGATED, true],
  [`${AGGREGATED},application/json`, true],
  ['application/json, application/json; as=APIGroupDiscoveryList; v=v2; g=apidiscovery.k8s.io', true],
  ['application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList', false],
  ['application/json;g=apidiscovery.k8s.io,application/json;v=v2;as=APIGroupDiscoveryList', false],
  ['*/*', false],
  ['', false],
])('whoever accepts %s is told the aggregated kind: %s', (accept, aggregated) => {
  const document = documentAt('/apis', accept);
  expect([document?.contentType, document?.body['kind']]).toEqual(
    aggregated ? [AGGREGATED, 'APIGroupDiscoveryList'] : ['application/json', 'APIGroupList'],
  );
});

test.each(['/', '/apis/', '/api', '/apis/apps', 'constructor', '__proto__'])(
  'there is none at %s',
  (path) => {
    expect(documentAt(path, '*/*')).toBeUndefined();
  },
);
