import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { startScalerServer, type ScalerServer } from '../../src/adapters/grpc/scaler-server.ts';
import { systemClock } from '../../src/adapters/time/system-clock.ts';
import { keyOf } from '../../src/domain/key.ts';
import { KedaScaler } from '../../src/processes/controller/keda-scaler/keda-scaler.ts';
import { KedaClient } from '../doubles/keda-client.ts';
import { failure } from '../builders/signal.ts';
import { AUTOSCALING, ClusterInMemory, type RunningController } from './cluster-in-memory.ts';

const BRIDGE = { 'hpa-bridge.dev/keda-trigger': 'bridge' };
const QUERY = {
  [`${AUTOSCALING}/query`]: 'sum(x{namespace="{{ .namespace }}"})',
  [`${AUTOSCALING}/target`]: '2.5',
};

let cluster: ClusterInMemory;
let controller: RunningController;
let scaler: KedaScaler;
let server: ScalerServer;
let keda: KedaClient;

beforeAll(async () => {
  cluster = await ClusterInMemory.start();
  // Where KEDA is, that API is its own; it asks us past it.
  controller = await cluster.controller({
    externalMetrics: () => ({ state: 'foreign', owner: 'keda/keda-operator-metrics-apiserver' }),
  });
});
afterAll(() => cluster.stop());
beforeEach(async () => {
  const { telemetry, log } = controller;
  scaler = new KedaScaler(controller.controller.teller);
  server = await startScalerServer({
    scaler,
    address: '127.0.0.1',
    port: 0,
    credentials: undefined,
    clock: systemClock,
    telemetry,
    log,
  });
  keda = new KedaClient(server.port);
});
afterEach(async () => {
  keda.close();
  await server.close();
  scaler.close();
});

const refTo = (name: string) => ({ namespace: 'default', name });
const specOf = (targetSizeFloat: number) => ({
  metricSpecs: [{ metricName: 'hpa-bridge-query', targetSize: 0, targetSizeFloat }],
});
const valueOf = async (name: string): Promise<unknown> =>
  keda.ask('GetMetrics', { scaledObjectRef: refTo(name), metricName: 'hpa-bridge-query' });
const measured = (name: string) =>
  cluster.until(`${name} to be measured`, () => controller.measurer.wanted.get(keyOf('default', name)));

test('what KEDA is sent to us for is measured, and told', async () => {
  const key = keyOf('default', 'asked');
  const specs = keda.follow('StreamMetricSpec', refTo('asked'));
  const active = keda.follow('StreamIsActive', refTo('asked'));
  await cluster.revision('asked', { ...QUERY, ...BRIDGE }, 2);
  const object = await cluster.until('a ScaledObject', () => cluster.get('ScaledObject', 'asked'));
  expect(object['spec']).toMatchObject({ triggers: [{ type: 'external-push' }] });
  expect(await measured('asked')).toMatchObject({ query: 'sum(x{namespace="default"})' });

  // The target is known before anything is measured; the value is not, and that is an error.
  expect(await specs.count(1)).toEqual([specOf(2.5)]);
  expect(await keda.ask('GetMetricSpec', refTo('asked'))).toEqual({ message: specOf(2.5) });
  expect(await valueOf('asked')).toMatchObject({ code: 'UNAVAILABLE' });
  expect(active.messages).toEqual([]);

  controller.measurer.answer(key, 40);
  await cluster.condition('asked', 'SignalAvailable', 'True');
  expect(await active.count(1)).toEqual([{ result: true }]);
  expect(await valueOf('asked')).toMatchObject({ message: { metricValues: [{ metricValueFloat: 40 }] } });

  // Prometheus is away: the last number counts for a while, and what scales is not told an error.
  controller.measurer.answer(key, failure());
  expect(await valueOf('asked')).toMatchObject({ message: { metricValues: [{ metricValueFloat: 40 }] } });
});

test('a target that is edited is told at once, and the ScaledObject changes for a KEDA that does not listen', async () => {
  await cluster.revision('edited', { ...QUERY, ...BRIDGE });
  const specs = keda.follow('StreamMetricSpec', refTo('edited'));
  await specs.count(1);
  const annotations = { [`${AUTOSCALING}/target`]: '0.0625' };
  await cluster.merge('Revision', 'edited', { metadata: { annotations } });
  await cluster.merge('PodAutoscaler', 'edited', { metadata: { annotations } });
  // Rounded up to thousandths, as Kubernetes rounds the target of an HPA.
  expect(await specs.count(2)).toEqual([specOf(2.5), specOf(0.063)]);
  await cluster.until('the ScaledObject to change', async () =>
    JSON.stringify((await cluster.get('ScaledObject', 'edited'))?.['spec']).includes('"target":"0.0625"'),
  );
});

test('what KEDA asks Prometheus for itself is not ours to tell; after an edit of the trigger it is', async () => {
  await cluster.revision('itself', QUERY);
  await cluster.until('a ScaledObject', () => cluster.get('ScaledObject', 'itself'));
  expect(controller.measurer.wanted.has(keyOf('default', 'itself'))).toBe(false);
  expect(await keda.ask('GetMetricSpec', refTo('itself'))).toMatchObject({ code: 'NOT_FOUND' });
  expect(await valueOf('itself')).toMatchObject({ code: 'NOT_FOUND' });
  const edit = { metadata: { annotations: BRIDGE } };
  await cluster.merge('Revision', 'itself', edit);
  await cluster.merge('PodAutoscaler', 'itself', edit);
  await measured('itself');
  await cluster.until('the trigger to change', async () =>
    JSON.stringify((await cluster.get('ScaledObject', 'itself'))?.['spec']).includes('external-push'),
  );
  expect(await keda.ask('GetMetricSpec', refTo('itself'))).toEqual({ message: specOf(2.5) });
});
