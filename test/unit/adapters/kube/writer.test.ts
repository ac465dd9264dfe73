import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Json } from '../../../../src/domain/json.ts';
import { keyOf } from '../../../../src/domain/key.ts';
import { RESOURCES } from '../../../../src/domain/k8s/resources.ts';
import { seconds } from '../../../../src/domain/time.ts';
import { ManualClock } from '../../../doubles/manual-clock.ts';
import { answer, ScriptedApi, silence, status, type Answer } from '../../../doubles/scripted-api.ts';
import { connected, faultFrom, kubeconfig } from './connected.ts';

const always = { mayWrite: () => true };
const KEY = keyOf('team', 'shop');
const scaler = {
  apiVersion: 'keda.sh/v1alpha1',
  kind: 'ScaledObject',
  metadata: { name: 'shop', namespace: 'team' },
  spec: { minReplicaCount: 1 },
};

/** Answers with what was sent, as stored. */
const echo: Answer = (request, response) =>
  answer(200, {
    ...(JSON.parse(request.body) as object),
    metadata: { name: 'shop', namespace: 'team', resourceVersion: '2' },
  })(request, response);

let server: ScriptedApi;
beforeEach(async () => {
  server = await ScriptedApi.start();
});
afterEach(() => server.close());

/** The one request that arrived, in one line and its body. */
const arrived = (): { line: string; type: string | undefined; body: Json } => {
  const [seen] = server.requests;
  if (seen === undefined || server.requests.length !== 1)
    throw new Error(`${server.requests.length} requests`);
  const query = seen.query.size === 0 ? '' : `?${decodeURIComponent(seen.query.toString())}`;
  return {
    line: `${seen.method} ${seen.path}${query}`,
    type: seen.headers['content-type'],
    body: JSON.parse(seen.body) as Json,
  };
};

const BASE = '/apis/keda.sh/v1alpha1/namespaces/team/scaledobjects';

describe('what is sent', () => {
  beforeEach(() => {
    server.on(() => true, echo);
  });

  test('apply sends only our object, as our field manager, and returns what is stored', async () => {
    await using session = await connected(kubeconfig(server.url));
    const stored = await session.api.writer(always).apply(RESOURCES.ScaledObject, scaler);
    expect(stored.metadata['resourceVersion']).toBe('2');
    expect(arrived()).toEqual({
      line: `PATCH ${BASE}/shop?fieldManager=hpa-bridge`,
      type: 'application/apply-patch+yaml',
      body: scaler,
    });
  });

  test('apply can take fields over, and reach the status', async () => {
    await using session = await connected(kubeconfig(server.url));
    await session.api
      .writer(always)
      .apply(RESOURCES.ScaledObject, scaler, { force: true, subresource: 'status' });
    expect(arrived().line).toBe(`PATCH ${BASE}/shop/status?fieldManager=hpa-bridge&force=true`);
  });

  test('merge', async () => {
    await using session = await connected(kubeconfig(server.url));
    const body = { metadata: { resourceVersion: '1' }, status: { x: null } };
    await session.api.writer(always).merge(RESOURCES.ScaledObject, KEY, body, { subresource: 'status' });
    expect(arrived()).toEqual({
      line: `PATCH ${BASE}/shop/status?fieldManager=hpa-bridge`,
      type: 'application/merge-patch+json',
      body,
    });
  });

  test('create', async () => {
    await using session = await connected(kubeconfig(server.url));
    await session.api.writer(always).create(RESOURCES.ScaledObject, scaler);
    expect(arrived()).toEqual({
      line: `POST ${BASE}?fieldManager=hpa-bridge`,
      type: 'application/json',
      body: scaler,
    });
  });

  test('replace', async () => {
    await using session = await connected(kubeconfig(server.url));
    await session.api.writer(always).replace(RESOURCES.ScaledObject, scaler);
    expect(arrived()).toEqual({
      line: `PUT ${BASE}/shop?fieldManager=hpa-bridge`,
      type: 'application/json',
      body: scaler,
    });
  });

  test('remove names exactly one object', async () => {
    await using session = await connected(kubeconfig(server.url));
    await session.api
      .writer(always)
      .remove(RESOURCES.ScaledObject, KEY, { uid: 'u', resourceVersion: '7', propagation: 'Orphan' });
    expect(arrived()).toEqual({
      line: `DELETE ${BASE}/shop`,
      type: 'application/json',
      body: {
        apiVersion: 'v1',
        kind: 'DeleteOptions',
        preconditions: { uid: 'u', resourceVersion: '7' },
        propagationPolicy: 'Orphan',
      },
    });
  });
});

describe('remove', () => {
  const gone = status(404, 'NotFound', 'scaledobjects.keda.sh "shop" not found', { name: 'shop' });
  test.each([
    ['the object is gone', answer(404, gone)],
    ['its kind is gone', answer(404, '404 page not found')],
    ['it is deleted', answer(200, status(200, '', ''))],
  ])('resolves when %s', async (_, then) => {
    server.on(() => true, then);
    await using session = await connected(kubeconfig(server.url));
    await expect(
      session.api.writer(always).remove(RESOURCES.ScaledObject, KEY, { uid: 'u' }),
    ).resolves.toBeUndefined();
  });

  test('another object of the same name is a conflict', async () => {
    const other = status(
      409,
      'Conflict',
      'the UID in the precondition (u) does not match the UID in record (v)',
    );
    server.on(() => true, answer(409, other));
    await using session = await connected(kubeconfig(server.url));
    const fault = await faultFrom(
      session.api.writer(always).remove(RESOURCES.ScaledObject, KEY, { uid: 'u' }),
    );
    expect(fault.code).toBe('conflict');
  });
});

describe('the gate', () => {
  test('nothing leaves while it is shut', async () => {
    server.on(() => true, echo);
    await using session = await connected(kubeconfig(server.url));
    const writer = session.api.writer({ mayWrite: () => false });
    const faults = await Promise.all(
      [
        writer.apply(RESOURCES.ScaledObject, scaler),
        writer.merge(RESOURCES.ScaledObject, KEY, {}),
        writer.create(RESOURCES.ScaledObject, scaler),
        writer.replace(RESOURCES.ScaledObject, scaler),
        writer.remove(RESOURCES.ScaledObject, KEY, { uid: 'u' }),
      ].map(faultFrom),
    );
    expect(faults.map(({ code }) => code)).toEqual(Array.from({ length: 5 }, () => 'not_leader'));
    expect(server.requests).toEqual([]);
  });

  test('it counts at the moment of sending, after the wait for the rate limit', async () => {
    server.on(() => true, echo);
    const clock = new ManualClock();
    await using session = await connected(kubeconfig(server.url), {
      clock,
      limit: { perSecond: 1, burst: 1 },
    });
    let leader = true;
    const writer = session.api.writer({ mayWrite: () => leader });
    await writer.apply(RESOURCES.ScaledObject, scaler);
    const second = faultFrom(writer.apply(RESOURCES.ScaledObject, scaler));
    leader = false;
    await clock.pass(1000);
    expect((await second).code).toBe('not_leader');
    expect(server.requests).toHaveLength(1);
  });

  test('it counts again when a refused credential is tried again', async () => {
    let leader = true;
    server.on(
      () => true,
      (request, response) => {
        leader = false;
        answer(401, status(401, 'Unauthorized', 'Unauthorized'))(request, response);
      },
    );
    await using session = await connected(kubeconfig(server.url));
    const fault = await faultFrom(
      session.api.writer({ mayWrite: () => leader }).apply(RESOURCES.ScaledObject, scaler),
    );
    expect([fault.code, server.requests.length]).toEqual(['not_leader', 1]);
  });
});

test('a write that hangs is given up before another could lead', async () => {
  server.on(() => true, silence);
  const clock = new ManualClock();
  await using session = await connected(kubeconfig(server.url), { clock });
  const fault = faultFrom(session.api.writer(always).apply(RESOURCES.ScaledObject, scaler));
  while (server.requests.length === 0) await new Promise((go) => setImmediate(go));
  await clock.pass(seconds(15));
  expect(await fault).toMatchObject({
    code: 'api_unavailable',
    message:
      'The API server did not finish in 15 s to apply scaledobjects.keda.sh team/shop; it may still have been done.',
  });
  while (server.open > 0) await new Promise((go) => setImmediate(go));
});
