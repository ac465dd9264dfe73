import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { microTime } from '../../../../src/adapters/kube/lease.ts';
import { answer, ScriptedApi, status } from '../../../doubles/scripted-api.ts';
import { ManualClock } from '../../../doubles/manual-clock.ts';
import { connected, faultFrom, kubeconfig, never } from './connected.ts';

const AT = { namespace: 'system', name: 'bridge' };
const PATH = '/apis/coordination.k8s.io/v1/namespaces/system/leases';
const spec = {
  holderIdentity: 'pod-a',
  leaseDurationSeconds: 15,
  acquireTime: '2026-01-01T00:00:00.000000Z',
  renewTime: '2026-01-01T00:00:02.500000Z',
  leaseTransitions: 3,
};
const record = {
  holder: 'pod-a',
  durationSeconds: 15,
  acquireTime: '2026-01-01T00:00:00.000000Z',
  renewTime: '2026-01-01T00:00:02.500000Z',
  transitions: 3,
};
const lease = { kind: 'Lease', metadata: { name: 'bridge', resourceVersion: '7' }, spec };

let server: ScriptedApi;
beforeEach(async () => {
  server = await ScriptedApi.start();
});
afterEach(() => server.close());

test('a lease is read', async () => {
  server.on(`${PATH}/bridge`, answer(200, lease));
  await using session = await connected(kubeconfig(server.url));
  expect(await session.api.lease(AT).read(never())).toEqual({ ...record, version: '7' });
});

test('a lease that nobody made is undefined; one that nobody filled is empty', async () => {
  server.on(
    `${PATH}/bridge`,
    answer(404, status(404, 'NotFound', 'leases "bridge" not found', { name: 'bridge' })),
    answer(200, { metadata: { resourceVersion: '1' }, spec: {} }),
  );
  await using session = await connected(kubeconfig(server.url));
  const store = session.api.lease(AT);
  expect(await store.read(never())).toBeUndefined();
  expect(await store.read(never())).toMatchObject({
    holder: '',
    durationSeconds: 0,
    transitions: 0,
    version: '1',
  });
});

test('create writes every field, update is locked by the version and leaves the rest alone', async () => {
  server.on(() => true, answer(200, lease));
  await using session = await connected(kubeconfig(server.url));
  const store = session.api.lease(AT);
  await store.create({ ...record, renewTime: '2026-01-01T00:00:02.5Z' }, never());
  await store.update({ ...record, version: '7' }, never());
  expect(
    server.requests.map(({ method, path, body }) => [`${method} ${path}`, JSON.parse(body) as object]),
  ).toEqual([
    [
      `POST ${PATH}`,
      {
        apiVersion: 'coordination.k8s.io/v1',
        kind: 'Lease',
        metadata: { name: 'bridge', namespace: 'system' },
        spec,
      },
    ],
    [`PATCH ${PATH}/bridge`, { metadata: { resourceVersion: '7' }, spec }],
  ]);
  expect(server.requests[1]?.headers['content-type']).toBe('application/merge-patch+json');
});

test.each([
  { lost: 'update', reason: 'Conflict', fault: 'conflict' },
  { lost: 'create', reason: 'AlreadyExists', fault: 'already_exists' },
] as const)('a lost $lost is told', async ({ lost, reason, fault }) => {
  server.on(() => true, answer(409, status(409, reason, 'lost')));
  await using session = await connected(kubeconfig(server.url));
  const got = await faultFrom(session.api.lease(AT)[lost]({ ...record, version: '7' }, never()));
  expect(got.code).toBe(fault);
});

test('a renewal does not queue behind other requests', async () => {
  server.on(`${PATH}/bridge`, answer(200, lease)).on(() => true, answer(200, { resources: [] }));
  const clock = new ManualClock();
  await using session = await connected(kubeconfig(server.url), { clock, limit: { perSecond: 1, burst: 1 } });
  const stop = new AbortController();
  const pods = { group: '', version: 'v1', plural: 'pods', kind: 'Pod' };
  await session.api.reader.served(pods);
  const waiting = session.api.reader.served({ ...pods, version: 'v2' }, stop.signal);
  expect(await session.api.lease(AT).update({ ...record, version: '7' }, never())).toMatchObject({
    version: '7',
  });
  stop.abort(new Error('enough'));
  await expect(waiting).rejects.toThrow('enough');
});

test.each([
  ['2026-01-01T00:00:00Z', '2026-01-01T00:00:00.000000Z'],
  ['2026-01-01T00:00:00.123Z', '2026-01-01T00:00:00.123000Z'],
  ['2026-01-01T00:00:00.123456Z', '2026-01-01T00:00:00.123456Z'],
  ['2026-01-01T00:00:00.123456789+02:00', '2026-01-01T00:00:00.123456+02:00'],
])('%s is written as %s', (time, written) => expect(microTime(time)).toBe(written));
