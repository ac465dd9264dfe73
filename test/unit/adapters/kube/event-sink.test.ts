import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { cutBytes } from '../../../../src/adapters/kube/event-sink.ts';
import type { BridgeEvent } from '../../../../src/domain/event.ts';
import { keyOf } from '../../../../src/domain/key.ts';
import { instant } from '../../../../src/domain/time.ts';
import { answer, ScriptedApi, status } from '../../../doubles/scripted-api.ts';
import { connected, faultFrom, kubeconfig } from './connected.ts';

const event: BridgeEvent = {
  about: {
    apiVersion: 'autoscaling.internal.knative.dev/v1alpha1',
    kind: 'PodAutoscaler',
    key: keyOf('team', 'shop-00001'),
    uid: 'u',
  },
  type: 'Warning',
  reason: 'InvalidAnnotation',
  message: 'the target is not a number',
  sameAs: ['target'],
};
const AT = instant(Date.UTC(2026, 0, 2, 3, 4, 5, 678));

let server: ScriptedApi;
beforeEach(async () => {
  server = await ScriptedApi.start();
});
afterEach(() => server.close());

test('an event is written beside its object, as kubectl describe looks for it', async () => {
  server.on(
    () => true,
    answer(201, { kind: 'Event', metadata: { name: 'shop-00001.x7f2q', namespace: 'team' } }),
  );
  await using session = await connected(kubeconfig(server.url), { instance: 'hpa-bridge-0' });
  const key = await session.api.events.create(event, { count: 2, at: AT });
  expect(key).toBe('team/shop-00001.x7f2q');
  expect(
    server.requests.map(({ method, path, body }) => [method, path, JSON.parse(body) as unknown]),
  ).toEqual([
    [
      'POST',
      '/api/v1/namespaces/team/events',
      {
        apiVersion: 'v1',
        kind: 'Event',
        metadata: { generateName: 'shop-00001.', namespace: 'team' },
        involvedObject: {
          apiVersion: 'autoscaling.internal.knative.dev/v1alpha1',
          kind: 'PodAutoscaler',
          namespace: 'team',
          name: 'shop-00001',
          uid: 'u',
        },
        type: 'Warning',
        reason: 'InvalidAnnotation',
        message: 'the target is not a number',
        source: { component: 'hpa-bridge' },
        reportingComponent: 'hpa-bridge',
        reportingInstance: 'hpa-bridge-0',
        firstTimestamp: '2026-01-02T03:04:05Z',
        lastTimestamp: '2026-01-02T03:04:05Z',
        count: 2,
      },
    ],
  ]);
});

test('a repeated event is counted; one that expired says so', async () => {
  const expired = status(404, 'NotFound', 'events "shop-00001.x7f2q" not found', {
    name: 'shop-00001.x7f2q',
  });
  server.on(() => true, answer(200, { kind: 'Event', metadata: { name: 'x' } }), answer(404, expired));
  await using session = await connected(kubeconfig(server.url));
  const key = keyOf('team', 'shop-00001.x7f2q');
  await session.api.events.increment(key, { count: 5, at: AT }, 'again');
  const [seen] = server.requests;
  expect([seen?.method, seen?.path, JSON.parse(seen?.body ?? '') as unknown]).toEqual([
    'PATCH',
    '/api/v1/namespaces/team/events/shop-00001.x7f2q',
    { count: 5, lastTimestamp: '2026-01-02T03:04:05Z', message: 'again' },
  ]);
  const fault = await faultFrom(session.api.events.increment(key, { count: 6, at: AT }, 'again'));
  expect(fault.code).toBe('not_found');
});

test.each([
  ['short', 'short'],
  ['a'.repeat(20), 'a'.repeat(20)],
  ['a'.repeat(21), `${'a'.repeat(17)}…`],
  ['€'.repeat(7), `${'€'.repeat(5)}…`],
  [`${'a'.repeat(15)}𝄞𝄞`, `${'a'.repeat(15)}…`],
])('%s is cut to %s by 20 bytes', (text, cut) => {
  expect(cutBytes(text, 20)).toBe(cut);
});
