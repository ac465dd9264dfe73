import { expect, test } from '@jest/globals';
import { keyOf } from '../../../../src/domain/key.ts';
import { ActivatorPage } from '../../../../src/domain/zero/activator-metrics.ts';

const KEY = keyOf('team', 'shop-00001');
const loadsOf = (...lines: readonly string[]): ReturnType<ActivatorPage['loads']> => {
  const page = new ActivatorPage();
  lines.forEach((line) => page.line(line));
  return page.loads();
};
const NOW =
  'k8s_namespace_name="team",kn_revision_name="shop-00001",otel_scope_name="knative.dev/serving/pkg/activator"';
const BEFORE =
  'configuration_name="shop",namespace_name="team",pod_name="activator-1",revision_name="shop-00001"';

test.each<[string, readonly string[], { inFlight: number; ended: number }]>([
  [
    'what is held and what is forwarded',
    [`kn_revision_request_queued{${NOW}} 3`, `kn_revision_request_active{${NOW}} 2`],
    { inFlight: 5, ended: 0 },
  ],
  [
    'the average of the last second, where it is more',
    [
      `kn_revision_request_active{${NOW}} 0`,
      `kn_revision_request_concurrency{${NOW},kn_service_name="shop"} 0.25`,
    ],
    { inFlight: 0.25, ended: 0 },
  ],
  [
    'the names before OpenTelemetry',
    [
      `activator_request_concurrency{${BEFORE}} 4`,
      `activator_request_count{${BEFORE},response_code="200"} 7`,
      `activator_request_count{${BEFORE},response_code="500"} 1`,
    ],
    { inFlight: 4, ended: 8 },
  ],
  [
    'what has ended',
    [`http_server_request_duration_seconds_count{http_response_status_code="200",${NOW}} 1.2e+03`],
    { inFlight: 0, ended: 1200 },
  ],
])('%s', (_name, lines, expected) => {
  expect([...loadsOf(...lines)]).toEqual([[KEY, expected]]);
});

test.each([
  '# TYPE kn_revision_request_queued gauge',
  'kn_revision_request_queued{k8s_namespace_name="team"} 1',
  `kn_revision_request_queued{${NOW}} NaN`,
  `kn_revision_request_queued{${NOW}} -1`,
  `kn_revision_request_queued_other{${NOW}} 1`,
  `http_server_request_duration_seconds_bucket{${NOW},le="5"} 1`,
  'go_goroutines 31',
  '',
])('passed over: %s', (line) => {
  expect(loadsOf(line).size).toBe(0);
});
