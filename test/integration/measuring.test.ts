import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { keyOf } from '../../src/domain/key.ts';
import type { Claim } from '../../src/domain/external-metrics/claim.ts';
import { seconds } from '../../src/domain/time.ts';
import { failure } from '../builders/signal.ts';
import { AUTOSCALING, ClusterInMemory, type RunningController } from './cluster-in-memory.ts';

// The real controller over real sockets; who is asked, and what is answered, is the test's.
let cluster: ClusterInMemory;
beforeEach(async () => {
  cluster = await ClusterInMemory.start();
});
afterEach(() => cluster.stop());

const NAME = 'hello-00001';
const KEY = keyOf('default', NAME);
const QUERY = {
  [`${AUTOSCALING}/prometheus-query`]: 'sum(rate(http_requests_total{revision="{{ .revisionName }}"}[1m]))',
  [`${AUTOSCALING}/target`]: '10',
  'hpa-bridge.dev/backend': 'hpa',
};

const asked = ({ measurer }: RunningController): Promise<string> =>
  cluster.until('the query to be asked', () => measurer.wanted.get(KEY)?.query);
const said = async (type: string): Promise<readonly (string | undefined)[]> => {
  const condition = (await cluster.conditions(NAME))[type];
  return [condition?.status, condition?.reason];
};
const edit = (annotations: Readonly<Record<string, string | null>>): Promise<unknown> =>
  cluster.merge('Revision', NAME, { metadata: { annotations } });

test('a query is asked with its templates filled in, and its conditions say what came of it', async () => {
  const running = await cluster.controller();
  const { measurer, controller, events } = running;
  await cluster.revision(NAME, QUERY, 2);
  await cluster.services(NAME);
  expect(await asked(running)).toBe('sum(rate(http_requests_total{revision="hello-00001"}[1m]))');
  expect(controller.teller.told(KEY)).toMatchObject({ is: 'nothing', reason: 'NotMeasuredYet' });
  await cluster.condition(NAME, 'SignalAvailable', 'Unknown', 'NotMeasuredYet');

  measurer.answer(KEY, failure('prometheus_empty'));
  expect(controller.teller.told(KEY)).toMatchObject({ is: 'value', value: 20 });
  await cluster.condition(NAME, 'SignalAvailable', 'False', 'QueryEmpty');
  expect(await said('FallbackActive')).toEqual(['True', 'Hold']);
  expect(await said('Ready')).toEqual(['True', undefined]);

  measurer.answer(KEY, 47);
  expect(controller.teller.told(KEY)).toMatchObject({ is: 'value', value: 47 });
  await cluster.condition(NAME, 'SignalAvailable', 'True');
  expect(await said('FallbackActive')).toEqual(['False', undefined]);
  const reasons = events.map(({ reason }) => reason);
  expect(reasons.filter((reason) => reason !== 'FallbackActive')).toEqual(['QueryEmpty', 'SignalAvailable']);
});

test('what is held follows the Deployment and the target of the HPA, and who listens hears of it', async () => {
  const running = await cluster.controller();
  const { teller } = running.controller;
  await cluster.revision(NAME, QUERY, 2);
  await asked(running);
  running.measurer.answer(KEY, failure());
  await cluster.until('the HPA', () => cluster.get('HorizontalPodAutoscaler', NAME));
  const heard: unknown[] = [];
  teller.subscribe((key) => heard.push(teller.told(key)));
  await cluster.merge('Deployment', `${NAME}-deployment`, { spec: { replicas: 5 } });
  await cluster.until('the new replicas', () => heard.some((told) => valueOf(told) === 50));
  await edit({ [`${AUTOSCALING}/target`]: '3' });
  await cluster.until('the new target', () => heard.some((told) => valueOf(told) === 15));
  expect(heard.map(valueOf).filter((value) => ![20, 50, 15].includes(value ?? 0))).toEqual([]);
});

test('who does not lead measures too, and writes nothing', async () => {
  const closed = { isOpen: () => false, untilOpen: (signal: AbortSignal) => untilAborted(signal) };
  const running = await cluster.controller({ gate: closed });
  await cluster.revision(NAME, QUERY);
  await asked(running);
  running.measurer.answer(KEY, 47);
  expect(running.controller.teller.told(KEY)).toMatchObject({ is: 'value', value: 47 });
  expect(await cluster.get('HorizontalPodAutoscaler', NAME)).toBeUndefined();
  expect(await cluster.conditions(NAME)).toEqual({});
});

describe('what is asked follows', () => {
  const wanted = (
    { measurer }: RunningController,
    fits: (wanted: Wanted | undefined) => boolean,
  ): Promise<true> => cluster.until('what is asked to change', () => fits(measurer.wanted.get(KEY)));
  type Wanted = NonNullable<ReturnType<RunningController['measurer']['wanted']['get']>>;

  test('annotations; a refused one ends nothing', async () => {
    const running = await cluster.controller();
    await cluster.revision(NAME, QUERY);
    await asked(running);
    await edit({ 'hpa-bridge.dev/polling-interval': '2s' });
    await wanted(running, (now) => now?.interval === seconds(2));
    running.measurer.answer(KEY, 47);
    await edit({ [`${AUTOSCALING}/target`]: '-1' });
    await cluster.condition(NAME, 'AnnotationsValid', 'False');
    expect(running.measurer.wanted.get(KEY)?.interval).toBe(seconds(2));
    expect(running.controller.teller.told(KEY)).toMatchObject({ is: 'value', value: 47 });
    await edit({ [`${AUTOSCALING}/metric`]: 'cpu', [`${AUTOSCALING}/target`]: '70' });
    await wanted(running, (now) => now === undefined);
    expect(running.controller.teller.told(KEY)).toBeUndefined();
  });

  test('the platform owner', async () => {
    const running = await cluster.controller();
    await cluster.revision(NAME, QUERY);
    await asked(running);
    await cluster.create(
      'ConfigMap',
      'config-hpa-bridge',
      {
        data: {
          'polling-interval': '30s',
          'prometheus-servers': '[{"name":"default","address":"http://other:9090"}]',
        },
      },
      'knative-serving',
    );
    await wanted(
      running,
      (now) => now?.interval === seconds(30) && now.server.address === 'http://other:9090',
    );
  });

  test('the end of the revision', async () => {
    const running = await cluster.controller();
    await cluster.revision(NAME, QUERY);
    await asked(running);
    await cluster.remove('PodAutoscaler', NAME);
    await wanted(running, (now) => now === undefined);
  });
});

test('while external.metrics.k8s.io is somebody else’s no HPA is made; once it is ours, it is', async () => {
  let api: Claim = { state: 'foreign', owner: 'keda' };
  const { controller } = await cluster.controller({ externalMetrics: () => api });
  await cluster.revision(NAME, QUERY);
  await cluster.condition(NAME, 'Active', 'Unknown', 'ExternalMetricsForeign');
  expect(await cluster.get('HorizontalPodAutoscaler', NAME)).toBeUndefined();
  api = { state: 'ours' };
  controller.replan();
  await cluster.until('the HPA', () => cluster.get('HorizontalPodAutoscaler', NAME));
  await cluster.condition(NAME, 'Active', 'True');
});

const valueOf = (told: unknown): number | undefined => (told as { readonly value?: number }).value;

const untilAborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
