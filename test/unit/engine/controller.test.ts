import { expect, test } from '@jest/globals';
import { FaultError, type Fault } from '../../../src/domain/fault.ts';
import { ms, seconds } from '../../../src/domain/time.ts';
import { runController, type Gate } from '../../../src/engine/controller.ts';
import { DONE, type ReconcileResult } from '../../../src/engine/reconcile-result.ts';
import { Workqueue } from '../../../src/engine/workqueue.ts';
import { ManualClock, settled } from '../../doubles/manual-clock.ts';
import { SilentLog } from '../../doubles/silent-log.ts';
import { TallyingTelemetry } from '../../doubles/tallying-telemetry.ts';

interface Run {
  readonly key: string;
  readonly at: number;
}

const start = (
  reconcile: (key: string, attempt: number, clock: ManualClock) => Promise<ReconcileResult> | ReconcileResult,
  options: { workers?: number; gate?: Gate<string> } = {},
) => {
  const clock = new ManualClock();
  const telemetry = new TallyingTelemetry();
  const log = new SilentLog();
  const queue = new Workqueue<string>({ clock, random: () => 1, telemetry });
  const stop = new AbortController();
  const runs: Run[] = [];
  let ended = false;
  const attempt = async (key: string): Promise<ReconcileResult> => {
    runs.push({ key, at: clock.monotonic() });
    return await reconcile(key, runs.filter((run) => run.key === key).length, clock);
  };
  const parts = { workers: 1, ...options, queue, reconcile: attempt, clock, telemetry, log };
  void runController(parts, stop.signal).then(() => (ended = true));
  return { clock, telemetry, log, queue, stop, runs, times: () => runs.map((r) => r.at), ended: () => ended };
};

const fault = (code: Fault['code'], more: Partial<Fault> = {}): ReconcileResult => ({
  then: 'fault',
  fault: { code, message: 'no', ...more },
});

test('a key whose reconcile is done is left alone until it is added again', async () => {
  const { clock, queue, times } = start(() => DONE);
  queue.add('a');
  await clock.pass(seconds(600));
  queue.add('a');
  await settled();
  expect(times()).toEqual([0, 600_000]);
});

test('a requeue comes back after the time it named', async () => {
  const { clock, queue, times } = start((_, n) => (n < 3 ? { then: 'requeue', after: seconds(7) } : DONE));
  queue.add('a');
  await clock.pass(seconds(60));
  expect(times()).toEqual([0, 7000, 14_000]);
});

const faults: Record<string, { readonly result: ReconcileResult; readonly times: readonly number[] }> = {
  'one that only an edit mends is not retried': { result: fault('annotation_invalid'), times: [0] },
  'a lost race is retried at once, and then with backoff': {
    result: fault('conflict'),
    times: [0, 0, 100, 300],
  },
  'a server that is away is retried with backoff': {
    result: fault('api_unavailable'),
    times: [0, 100, 300, 700],
  },
  'the wait that the server asked for is the least': {
    result: fault('too_many_requests', { retryAfterMs: 5000 }),
    times: [0, 5100],
  },
};
for (const [name, { result, times: expected }] of Object.entries(faults))
  test(`of faults: ${name}`, async () => {
    const { clock, queue, times } = start((_, n) => (n < 4 ? result : DONE));
    queue.add('a');
    await clock.pass(seconds(5.2));
    expect(times()).toEqual(expected);
  });

test('what a reconcile throws unexpectedly is counted, logged with its stack and retried', async () => {
  const bug = new TypeError('x is not a function');
  const { clock, queue, times, telemetry, log } = start((_, n) => (n === 1 ? Promise.reject(bug) : DONE));
  queue.add('a');
  await clock.pass(seconds(1));
  expect(times()).toEqual([0, 100]);
  expect(telemetry.valueOf('hpa_bridge_faults_total', { code: 'internal' })).toBe(1);
  expect(telemetry.valueOf('hpa_bridge_reconcile_seconds', { result: 'done' })).toBe(1);
  expect(log.lines).toMatchObject([{ level: 'error', fields: { key: 'a', fault: 'internal', cause: bug } }]);
});

test('a fault that is thrown settles like one that is returned', async () => {
  const thrown = new FaultError({ code: 'not_owned', message: 'the object belongs to somebody else' });
  const { clock, queue, times, telemetry } = start(() => Promise.reject(thrown));
  queue.add('a');
  await clock.pass(seconds(60));
  expect(times()).toEqual([0]);
  expect(telemetry.valueOf('hpa_bridge_faults_total', { code: 'not_owned' })).toBe(1);
});

test('as many keys as there are workers are worked on at once', async () => {
  let now = 0;
  let most = 0;
  const { clock, queue, runs } = start(
    async (_key, _n, on) => {
      most = Math.max(most, ++now);
      await on.sleep(ms(10));
      now--;
      return DONE;
    },
    { workers: 3 },
  );
  for (let i = 0; i < 10; i++) queue.add(`key-${i}`);
  await clock.pass(40);
  expect([most, runs.length]).toEqual([3, 10]);
});

test('on stop nothing more is taken and what is in flight ends first', async () => {
  const { clock, queue, stop, runs, ended } = start(async (_key, _n, on) => {
    await on.sleep(ms(10));
    return DONE;
  });
  queue.add('a');
  queue.add('b');
  await settled();
  stop.abort();
  await clock.pass(9);
  expect(ended()).toBe(false);
  await clock.pass(10);
  expect([runs.map((run) => run.key), ended()]).toEqual([['a'], true]);
});

test('while the gate is closed keys stay in the queue', async () => {
  let open = false;
  const opened = Promise.withResolvers<undefined>();
  const gate: Gate<string> = {
    isOpen: () => open,
    untilOpen: async () => {
      if (!open) await opened.promise;
    },
  };
  const { queue, runs } = start(() => DONE, { gate });
  queue.add('a');
  queue.add('b');
  await settled();
  expect([runs, queue.depth]).toEqual([[], 2]);
  open = true;
  opened.resolve(undefined);
  await settled();
  expect(runs.map((run) => run.key).sort()).toEqual(['a', 'b']);
});

test('a key for which it is closed is dropped, and worked on when it is added after the gate has opened', async () => {
  const openFor = new Set(['a']);
  const gate: Gate<string> = { isOpen: (key) => openFor.has(key), untilOpen: () => Promise.resolve() };
  const { queue, runs } = start(() => DONE, { gate });
  queue.add('a');
  queue.add('b');
  await settled();
  expect([runs.map((run) => run.key), queue.depth]).toEqual([['a'], 0]);
  openFor.add('b');
  queue.add('b');
  await settled();
  expect(runs.map((run) => run.key)).toEqual(['a', 'b']);
});
