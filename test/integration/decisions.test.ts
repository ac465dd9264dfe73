import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { keyOf } from '../../src/domain/key.ts';
import type { RevisionDecisions } from '../../src/domain/record/schema.ts';
import { failure } from '../builders/signal.ts';
import { AUTOSCALING, ClusterInMemory, type RunningController } from './cluster-in-memory.ts';

// The real controller over real sockets; what is answered is the test's.
let cluster: ClusterInMemory;
beforeEach(async () => {
  cluster = await ClusterInMemory.start();
});
afterEach(() => cluster.stop());

const NAME = 'hello-00001';
const KEY = keyOf('default', NAME);
const QUERY = {
  [`${AUTOSCALING}/query`]: 'sum(x)',
  [`${AUTOSCALING}/target`]: '10',
  'hpa-bridge.dev/backend': 'hpa',
};

const started = async (
  options: Parameters<ClusterInMemory['controller']>[0] = {},
): Promise<RunningController> => {
  const running = await cluster.controller(options);
  await cluster.revision(NAME, QUERY, 2);
  await cluster.until('the query to be asked', () => running.measurer.wanted.get(KEY));
  await cluster.until('the pods', () => told(running).replicas.ready === 2);
  return running;
};
const told = ({ controller }: RunningController): RevisionDecisions => {
  const found = controller.decisions.revision(KEY);
  if (!found.ok) throw new Error(found.error.message);
  return found.value;
};
const sentences = (running: RunningController): readonly string[] =>
  told(running).decisions.map(({ sentence }) => sentence);

test('each change is a run, and another number of pods an event and a count', async () => {
  const running = await started();
  const { measurer, moves, telemetry } = running;
  for (const value of [18, 20, 47, 48]) measurer.answer(KEY, value);
  expect(sentences(running)).toEqual([
    '2 -> 5: 48 / target 10 per pod, fresh',
    'stays at 2: 20 / target 10 per pod, fresh',
    'stays at 2: no value is told, because the query has not been answered yet (NotMeasuredYet)',
  ]);
  expect(moves.map(({ reason, message, about }) => [reason, message, about.key])).toEqual([
    ['PodsAskedFor', '2 -> 5: 47 / target 10 per pod, fresh.', KEY],
  ]);
  expect(telemetry.valueOf('hpa_bridge_moves_total', { signal: 'query', direction: 'up' })).toBe(1);
});

test('an outage in words', async () => {
  const running = await started();
  running.measurer.answer(KEY, failure('prometheus_empty', 'There is nothing.'));
  expect(told(running).decisions[0]).toMatchObject({
    sentence: 'stays at 2: held, because the query gives no number (QueryEmpty)',
    rung: 'hold',
    detail: 'There is nothing.',
    answer: { outcome: 'empty', notes: ['There is nothing.'] },
  });
  expect(running.moves).toEqual([]);
});

describe('events of moves', () => {
  test('can be switched off, and on again while running', async () => {
    const configured = (events: string) => ({ data: { 'decision-events': events } });
    await cluster.create('ConfigMap', 'config-hpa-bridge', configured('off'), 'knative-serving');
    const running = await started();
    const move = (): void => [20, 47].forEach((value) => running.measurer.answer(KEY, value));
    move();
    expect(sentences(running)[0]).toBe('2 -> 5: 47 / target 10 per pod, fresh');
    expect(running.moves).toEqual([]);
    const namespace = 'knative-serving';
    await cluster.merge('ConfigMap', 'config-hpa-bridge', configured('moves'), { namespace });
    await cluster.until('an event', () => {
      move();
      return running.moves.length > 0;
    });
  });
});

test('who does not lead knows its own decisions, and says that it does not lead', async () => {
  const gate = { isOpen: () => false, untilOpen: (signal: AbortSignal) => untilAborted(signal) };
  const running = await started({ gate });
  running.measurer.answer(KEY, 47);
  expect(told(running)).toMatchObject({
    replica: { leads: false },
    decisions: [{ pods: 5 }, { pods: null }],
  });
});

test('a revision that is gone has no decisions; one that is made again begins anew', async () => {
  const running = await started();
  running.measurer.answer(KEY, 47);
  await cluster.remove('PodAutoscaler', NAME);
  await cluster.until('the end', () => running.measurer.wanted.size === 0);
  const list = running.controller.decisions.list({
    namespace: undefined,
    limit: undefined,
    continue: undefined,
  });
  expect(list).toMatchObject({ ok: true, value: { items: [] } });
  expect(running.controller.decisions.revision(KEY)).toMatchObject({
    ok: false,
    error: { code: 'not_found' },
  });
});

test('a revision that scales by something else now has no decisions, and says so', async () => {
  const running = await started();
  running.measurer.answer(KEY, 47);
  const annotations = {
    [`${AUTOSCALING}/metric`]: 'cpu',
    [`${AUTOSCALING}/target`]: '70',
    [`${AUTOSCALING}/query`]: null,
  };
  await cluster.merge('Revision', NAME, { metadata: { annotations } });
  await cluster.until('the end', () => running.measurer.wanted.size === 0);
  expect(told(running)).toMatchObject({ decisions: [], scaledBy: { signal: 'cpu', backend: 'hpa' } });
});

const untilAborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
