import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { startScalerServer, type ScalerServer } from '../../src/adapters/grpc/scaler-server.ts';
import { systemClock } from '../../src/adapters/time/system-clock.ts';
import { keyOf } from '../../src/domain/key.ts';
import { KedaScaler } from '../../src/processes/controller/keda-scaler/keda-scaler.ts';
import { KedaClient } from '../doubles/keda-client.ts';
import { MemoryTeller } from '../doubles/memory-teller.ts';
import { SilentLog } from '../doubles/silent-log.ts';
import { TallyingTelemetry } from '../doubles/tallying-telemetry.ts';

const KEY = keyOf('shop', 'cart-00001');
const REF = { namespace: 'shop', name: 'cart-00001', scalerMetadata: { target: '5' } };
const VALUE = { scaledObjectRef: REF, metricName: 'hpa-bridge-query' };

let teller: MemoryTeller;
let scaler: KedaScaler;
let telemetry: TallyingTelemetry;
let log: SilentLog;
let server: ScalerServer;
let keda: KedaClient;

const start = (
  options: { readonly mostStreams?: number; readonly port?: number } = {},
): Promise<ScalerServer> =>
  startScalerServer({
    scaler,
    address: '127.0.0.1',
    port: 0,
    credentials: undefined,
    clock: systemClock,
    telemetry,
    log,
    ...options,
  });

beforeEach(async () => {
  teller = new MemoryTeller();
  scaler = new KedaScaler(teller);
  telemetry = new TallyingTelemetry();
  log = new SilentLog();
  server = await start();
  keda = new KedaClient(server.port);
});
afterEach(async () => {
  keda.close();
  await server.close();
  scaler.close();
});

describe('what is told', () => {
  beforeEach(() => {
    teller.target(KEY, 2.5);
    teller.value(KEY, 7.25);
  });

  test('is answered, target and value exactly', async () => {
    expect(await keda.ask('GetMetricSpec', REF)).toEqual({
      message: { metricSpecs: [{ metricName: 'hpa-bridge-query', targetSize: 0, targetSizeFloat: 2.5 }] },
    });
    expect(await keda.ask('GetMetrics', VALUE)).toEqual({
      message: { metricValues: [{ metricName: 'hpa-bridge-query', metricValue: 0, metricValueFloat: 7.25 }] },
    });
    expect(await keda.ask('IsActive', REF)).toEqual({ message: { result: true } });
  });

  test('zero is a value', async () => {
    teller.value(KEY, 0);
    expect(await keda.ask('GetMetrics', VALUE)).toEqual({
      message: { metricValues: [{ metricName: 'hpa-bridge-query', metricValue: 0, metricValueFloat: 0 }] },
    });
    expect(await keda.ask('IsActive', REF)).toEqual({ message: { result: false } });
  });

  test('is an error when there is nothing, and a value again when there is', async () => {
    teller.nothing(KEY, 'Prometheus did not answer within 10s.');
    const error = { code: 'UNAVAILABLE', details: 'Prometheus did not answer within 10s.' };
    expect(await keda.ask('GetMetrics', VALUE)).toEqual(error);
    expect(await keda.ask('IsActive', REF)).toEqual(error);
    // The target does not depend on Prometheus.
    expect(await keda.ask('GetMetricSpec', REF)).toMatchObject({ message: {} });
    teller.value(KEY, 1);
    expect(await keda.ask('IsActive', REF)).toEqual({ message: { result: true } });
  });

  test('is told of its own namespace only', async () => {
    const elsewhere = { ...REF, namespace: 'other' };
    for (const came of [
      await keda.ask('IsActive', elsewhere),
      await keda.ask('GetMetricSpec', elsewhere),
      await keda.ask('GetMetrics', { ...VALUE, scaledObjectRef: elsewhere }),
    ])
      expect(came).toMatchObject({ code: 'NOT_FOUND' });
  });
});

test.each([
  ['no object', {}, 'scaledObjectRef.namespace is empty: expected the namespace of a ScaledObject.'],
  [
    'another metric',
    { ...VALUE, metricName: 'queue' },
    'metricName is "queue": expected "hpa-bridge-query", as GetMetricSpec says it.',
  ],
])('a question about %s is refused in one sentence', async (_, request, details) => {
  teller.value(KEY, 1);
  expect(await keda.ask('GetMetrics', request)).toEqual({ code: 'INVALID_ARGUMENT', details });
  expect(
    telemetry.valueOf('hpa_bridge_keda_questions_total', { method: 'GetMetrics', code: 'INVALID_ARGUMENT' }),
  ).toBe(1);
});

test('a mistake of ours is an error for the one question, and in the log; the next question is answered', async () => {
  teller.value(KEY, 1);
  const told = teller.told.bind(teller);
  teller.told = () => {
    throw new Error('with details of ours');
  };
  const error = { code: 'INTERNAL', details: 'hpa-bridge could not answer; its log says why.' };
  expect(await keda.ask('GetMetrics', VALUE)).toEqual(error);
  expect(await keda.follow('StreamIsActive', REF).ended).toBe(`INTERNAL: ${error.details}`);
  expect(log.lines.map(({ level, fields }) => [level, String(fields.cause)])).toEqual([
    ['error', 'Error: with details of ours'],
    ['error', 'Error: with details of ours'],
  ]);
  teller.told = told;
  expect(await keda.ask('IsActive', REF)).toEqual({ message: { result: true } });
});

describe('a stream', () => {
  test('says whether the revision is active at once, then each change', async () => {
    teller.value(KEY, 3);
    const active = keda.follow('StreamIsActive', REF);
    await active.count(1);
    teller.value(KEY, 4);
    teller.value(KEY, 0);
    teller.nothing(KEY, 'gone for a while');
    teller.value(KEY, 0);
    teller.value(KEY, 1);
    expect(await active.count(3)).toEqual([{ result: true }, { result: false }, { result: true }]);
  });

  test('says the target at once, then each change', async () => {
    teller.target(KEY, 5);
    const specs = keda.follow('StreamMetricSpec', REF);
    await specs.count(1);
    teller.target(KEY, 5);
    teller.target(KEY, 0.5);
    const spec = (targetSizeFloat: number) => ({
      metricSpecs: [{ metricName: 'hpa-bridge-query', targetSize: 0, targetSizeFloat }],
    });
    expect(await specs.count(2)).toEqual([spec(5), spec(0.5)]);
  });

  test('of a revision that is not known yet stays, and speaks once it is', async () => {
    const active = keda.follow('StreamIsActive', REF);
    const other = keda.follow('StreamIsActive', { ...REF, namespace: 'other' });
    await until(() => telemetry.valueOf('hpa_bridge_keda_streams', {}) === 2);
    teller.value(KEY, 1);
    expect(await active.count(1)).toEqual([{ result: true }]);
    expect(other.messages).toEqual([]);
  });

  test('about nothing is refused', async () => {
    expect(await keda.follow('StreamIsActive', {}).ended).toBe(
      'INVALID_ARGUMENT: scaledObjectRef.namespace is empty: expected the namespace of a ScaledObject.',
    );
  });

  test('is given up when the client leaves', async () => {
    const streams = [keda.follow('StreamIsActive', REF), keda.follow('StreamMetricSpec', REF)];
    await until(() => telemetry.valueOf('hpa_bridge_keda_streams', {}) === 2);
    streams[0]!.cancel();
    await until(() => telemetry.valueOf('hpa_bridge_keda_streams', {}) === 1);
    streams[1]!.cancel();
    await until(() => telemetry.valueOf('hpa_bridge_keda_streams', {}) === 0);
  });

  test('is given up when the connection breaks', async () => {
    const wire = await relay(server.port);
    const away = new KedaClient(wire.port);
    away.follow('StreamIsActive', REF);
    await until(() => telemetry.valueOf('hpa_bridge_keda_streams', {}) === 1);
    wire.cut();
    away.close();
    await until(() => telemetry.valueOf('hpa_bridge_keda_streams', {}) === 0);
  });

  test('beyond as many as may be is refused, and values are still told', async () => {
    await using few = disposable(await start({ mostStreams: 2 }));
    const client = new KedaClient(few.port);
    teller.value(KEY, 1);
    const kept = [client.follow('StreamIsActive', REF), client.follow('StreamIsActive', REF)];
    for (const stream of kept) await stream.count(1);
    expect(await client.follow('StreamIsActive', REF).ended).toBe(
      'RESOURCE_EXHAUSTED: 2 streams are open, which is as many as may be; values are told without one, too.',
    );
    expect(await client.ask('IsActive', REF)).toEqual({ message: { result: true } });
    kept[0]!.cancel();
    await kept[0]!.ended;
    await eventually(async () => {
      const again = client.follow('StreamIsActive', REF);
      const came = await Promise.race([again.count(1).then(() => 'open'), again.ended]);
      expect(came).toBe('open');
    });
    client.close();
  });

  test('ends well when we stop, and the teller is listened to no more', async () => {
    teller.value(KEY, 1);
    const active = keda.follow('StreamIsActive', REF);
    await active.count(1);
    await server.close();
    expect(await active.ended).toBe('OK');
    scaler.close();
    expect(teller.listeners).toBe(0);
    teller.value(KEY, 0);
    expect(active.messages).toEqual([{ result: true }]);
  });
});

test('thousands of streams on one connection each hear of their own revision, and questions get through beside them', async () => {
  const names = Array.from({ length: 1000 }, (_, i) => `rev-${i}`);
  for (const name of names) {
    teller.target(keyOf('shop', name), 1);
    teller.value(keyOf('shop', name), 1);
  }
  const streams = names.flatMap((name) => {
    const ref = { namespace: 'shop', name };
    return [keda.follow('StreamIsActive', ref), keda.follow('StreamMetricSpec', ref)] as const;
  });
  await Promise.all(streams.map((stream) => stream.count(1)));
  expect(telemetry.valueOf('hpa_bridge_keda_streams', {})).toBe(2000);
  expect(teller.listeners).toBe(1);
  teller.value(keyOf('shop', 'rev-7'), 0);
  expect(await streams[14]!.count(2)).toEqual([{ result: true }, { result: false }]);
  expect(await keda.ask('IsActive', { namespace: 'shop', name: 'rev-8' })).toEqual({
    message: { result: true },
  });
  expect(streams.filter(({ messages }) => messages.length !== 1)).toEqual([streams[14]]);
  await server.close();
  expect(new Set(await Promise.all(streams.map(({ ended }) => ended)))).toEqual(new Set(['OK']));
});

test('a slow client is told the newest state, not all that it has missed', async () => {
  teller.target(KEY, 1);
  const specs = keda.follow('StreamMetricSpec', REF);
  await specs.count(1);
  specs.pause();
  for (let target = 2; target <= 20_000; target++) {
    teller.target(KEY, target);
    if (target % 100 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  specs.resume();
  await until(() => JSON.stringify(specs.messages.at(-1)).includes('20000'));
  expect(specs.messages.length).toBeLessThan(20_000);
});

test('an address that is taken is told in one sentence', async () => {
  await expect(start({ port: server.port })).rejects.toThrow(
    `cannot listen on 127.0.0.1 port ${server.port}: the port is in use`,
  );
});

const disposable = (closing: ScalerServer): ScalerServer & AsyncDisposable => ({
  ...closing,
  [Symbol.asyncDispose]: () => closing.close(),
});

/** A port that leads to another one, until it is cut. */
async function relay(to: number): Promise<{ readonly port: number; readonly cut: () => void }> {
  const sockets: Socket[] = [];
  const server = createServer((near) => {
    const far = connect(to, '127.0.0.1');
    sockets.push(near, far);
    for (const socket of [near, far]) socket.on('error', () => undefined);
    near.pipe(far).pipe(near);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const cut = (): void => {
    server.close();
    for (const socket of sockets) socket.destroy();
  };
  return { port: (server.address() as AddressInfo).port, cut };
}

/** Waits for something that the network brings about; a test that never comes to it is ended by Jest. */
async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 5));
}

async function eventually(check: () => Promise<void>): Promise<void> {
  for (;;)
    try {
      await check();
      return;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
}
