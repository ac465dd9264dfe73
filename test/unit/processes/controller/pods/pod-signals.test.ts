import { beforeEach, describe, expect, test } from '@jest/globals';
import { keyOf } from '../../../../../src/domain/key.ts';
import { podSignalOf, type PodSignal } from '../../../../../src/domain/plan/pod-signal.ts';
import type { World } from '../../../../../src/domain/plan/world.ts';
import { err, ok, type Result } from '../../../../../src/domain/result.ts';
import type { ReadyPod } from '../../../../../src/domain/scale/pod-sample.ts';
import { NO_STAT, type Stat } from '../../../../../src/domain/scale/stat.ts';
import { seconds } from '../../../../../src/domain/time.ts';
import type { StatFailure } from '../../../../../src/ports/stat-source.ts';
import { PodSignals } from '../../../../../src/processes/controller/pods/pod-signals.ts';
import { paOf, sksOf, STARTED, worldOf } from '../../../../builders/world.ts';
import { ManualClock } from '../../../../doubles/manual-clock.ts';
import { SilentLog } from '../../../../doubles/silent-log.ts';
import { TallyingTelemetry } from '../../../../doubles/tallying-telemetry.ts';

const KEY = keyOf('default', 'hello-00001');

const signalOf = (annotations: Readonly<Record<string, string>>, changed: Partial<World> = {}): PodSignal => {
  const measuring = podSignalOf(
    worldOf({ pa: paOf(annotations, { status: STARTED }), sks: sksOf(), ...changed }),
  );
  if (measuring.is !== 'pods') throw new Error(`measured is ${measuring.is}`);
  return measuring.signal;
};
const BY_CONCURRENCY = { metric: 'concurrency', target: '10', 'target-utilization-percentage': '100' };
const BY_QUERY = { query: 'sum(x)', target: '5', 'hpa-bridge.dev/backend': 'hpa' };

let clock: ManualClock;
let telemetry: TallyingTelemetry;
/** In flight at each pod, or why it does not answer. */
let pods: (number | StatFailure)[];
let found: number;
let leads: boolean;
let quiet: boolean;
let idle: boolean;
/** How often it was told that requests have come or ceased. */
let turns: number;
let asked: { readonly host: string; readonly at: number }[];
let news: PodSignal['use'][];
let decisions: string[];
let signals: PodSignals;
let stop: AbortController;

beforeEach(() => {
  clock = new ManualClock();
  telemetry = new TallyingTelemetry();
  pods = [];
  found = 0;
  leads = true;
  quiet = true;
  [idle, turns] = [false, 0];
  asked = [];
  news = [];
  decisions = [];
  stop = new AbortController();
  signals = new PodSignals({
    source: {
      ask: (host): Promise<Result<Stat, StatFailure>> => {
        asked.push({ host, at: clock.monotonic() });
        const pod = pods[Number(host.split('.')[3])] ?? { message: 'gone', likeMesh: false };
        return Promise.resolve(
          typeof pod === 'number'
            ? ok({ ...NO_STAT, podName: host, averageConcurrentRequests: pod, requestCount: 2 * pod })
            : err(pod),
        );
      },
    },
    readyPods: (): readonly ReadyPod[] =>
      pods.map((_, index) => ({ address: `10.0.0.${index}`, startedAt: undefined })),
    found: () => found,
    gate: { isOpen: () => leads },
    isQuiet: () => quiet,
    isIdle: () => idle,
    onRequests: () => void (turns += 1),
    onNews: (_key, use) => void news.push(use),
    onDecision: (_key, { pods: wanted }, isNews) => void decisions.push(isNews ? `to ${wanted}` : 'again'),
    clock,
    random: () => 0.5,
    telemetry,
    log: new SilentLog(),
  });
});

const desired = (): number | undefined => signals.standing(KEY)?.status.desiredScale;

describe('a revision that is scaled by what its pods carry', () => {
  test('is asked each second and decided upon every two', async () => {
    pods = [47];
    signals.set(KEY, signalOf(BY_CONCURRENCY));
    expect(desired()).toBeUndefined();
    await clock.pass(seconds(3));
    expect(desired()).toBe(5);
    expect(news).toEqual(['scale']);
    expect(decisions).toEqual(['to 5', 'again']);
    await clock.pass(seconds(20));
    expect(asked).toHaveLength(23);
    expect(telemetry.valueOf('hpa_bridge_scrapes_total', { outcome: 'answered' })).toBe(23);
    expect(telemetry.valueOf('hpa_bridge_ticks_total', { result: 'panic' })).toBe(12);
    expect(news).toEqual(['scale']);
  });

  test('with a short window does not overlook a burst, though it is decided upon before the second is asked about', async () => {
    pods = [2];
    const burst = { target: '20', 'target-burst-capacity': '10', 'max-scale': '1', window: '6s' };
    signals.set(KEY, signalOf({ metric: 'concurrency', ...burst }));
    const excess = (): number | undefined => signals.standing(KEY)?.status.excessBurstCapacity;
    await clock.pass(seconds(10));
    expect(excess()).toBe(8);
    pods = [40];
    await clock.pass(seconds(4));
    expect(excess()).toBe(-30);
    pods = [2];
    await clock.pass(seconds(4));
    expect(excess()).toBe(8);
  });

  test('of rps is decided upon by what arrived', async () => {
    pods = [10, 10];
    signals.set(KEY, signalOf({ metric: 'rps', target: '10', 'target-utilization-percentage': '100' }));
    await clock.pass(seconds(3));
    expect(desired()).toBe(4);
  });

  test('follows what falls only after a window, and as slowly as it may', async () => {
    pods = [10, 10, 10, 10, 10];
    signals.set(KEY, signalOf({ ...BY_CONCURRENCY, window: '20s' }));
    await clock.pass(seconds(30));
    expect(desired()).toBe(5);
    pods = [0, 0, 0, 0, 0];
    await clock.pass(seconds(10));
    expect(desired()).toBe(3);
    await clock.pass(seconds(12));
    expect(desired()).toBe(2);
  });

  test('keeps what was decided while its pods are silent, and says so only when that lasts', async () => {
    pods = [47];
    signals.set(KEY, signalOf(BY_CONCURRENCY));
    await clock.pass(seconds(5));
    pods = [{ message: 'refused', likeMesh: false }];
    await clock.pass(seconds(4));
    expect(signals.standing(KEY)?.problem).toBeUndefined();
    await clock.pass(seconds(3));
    expect(signals.standing(KEY)).toMatchObject({
      status: { desiredScale: 5 },
      problem: { is: 'pods-exhausted', answered: 0, needed: 1 },
    });
    expect(news).toEqual(['scale', 'scale']);
    await clock.pass(seconds(300));
    expect(desired()).toBe(5);
    pods = [47];
    await clock.pass(seconds(2));
    expect(signals.standing(KEY)?.problem).toBeUndefined();
    expect(news).toEqual(['scale', 'scale', 'scale']);
  });

  test.each([20, 21])(
    'whose pods are silent for longer than the window keeps its pods (%d s)',
    async (before) => {
      pods = [10, 10, 10, 10];
      signals.set(KEY, signalOf({ ...BY_CONCURRENCY, window: '20s' }));
      await clock.pass(seconds(before));
      pods = pods.map(() => ({ message: 'refused', likeMesh: false }));
      await clock.pass(seconds(60));
      expect(decisions.every((decision) => decision === 'again' || decision === 'to 4')).toBe(true);
    },
  );

  test('whose pods answer now and then is not taken for idle in between', async () => {
    const silent = { message: 'refused', likeMesh: false };
    signals.set(KEY, signalOf({ ...BY_CONCURRENCY, window: '20s' }));
    for (let turn = 0; turn < 10; turn += 1) {
      pods = [10, 10, 10, 10];
      await clock.pass(seconds(1));
      pods = pods.map(() => silent);
      await clock.pass(seconds(6));
      expect(desired()).toBe(4);
    }
  });

  test('which had no pods for a while is not measured by its first one for that time', async () => {
    pods = [10, 10];
    signals.set(KEY, signalOf({ ...BY_CONCURRENCY, 'panic-threshold-percentage': '1000' }));
    await clock.pass(seconds(20));
    pods = [];
    await clock.pass(seconds(20));
    pods = [80];
    await clock.pass(seconds(2));
    // 20 s of 20, as many of nothing, and 2 of 80.
    expect(desired()).toBe(2);
  });

  test('without pods nothing is decided', async () => {
    signals.set(KEY, signalOf(BY_CONCURRENCY));
    await clock.pass(seconds(60));
    expect(desired()).toBe(-1);
    expect(news).toEqual([]);
    expect(signals.standing(KEY)?.problem).toBeUndefined();
  });

  test('is decided upon at once when requests wait at a proxy and it has no pods', async () => {
    signals.set(KEY, signalOf(BY_CONCURRENCY));
    signals.reported(KEY, { ...NO_STAT, podName: 'activator' }, clock.now());
    await clock.pass(seconds(2));
    expect(desired()).toBe(0);
    signals.reported(KEY, { ...NO_STAT, podName: 'activator', averageConcurrentRequests: 12 }, clock.now());
    expect(desired()).toBe(1);
  });

  test('adds what a proxy has held to what its pods carry beside it', async () => {
    pods = [20];
    signals.set(KEY, signalOf(BY_CONCURRENCY));
    for (let second = 0; second < 10; second += 1) {
      await clock.pass(seconds(1));
      const held = { ...NO_STAT, podName: 'activator', averageConcurrentRequests: 30 };
      expect(signals.reported(KEY, held, clock.now())).toBe(true);
    }
    expect(desired()).toBe(5);
    expect(signals.reported(keyOf('default', 'other'), NO_STAT, clock.now())).toBe(false);
    leads = false;
    expect(signals.reported(KEY, NO_STAT, clock.now())).toBe(false);
  });

  test('is not asked any more once it is gone, nor after the end', async () => {
    pods = [1];
    signals.set(KEY, signalOf(BY_CONCURRENCY));
    signals.set(keyOf('default', 'other'), signalOf(BY_CONCURRENCY));
    const running = signals.run(stop.signal);
    await clock.pass(seconds(3));
    signals.set(KEY, undefined);
    expect(signals.standing(KEY)).toBeUndefined();
    asked = [];
    await clock.pass(seconds(3));
    expect(asked).toHaveLength(3);
    stop.abort(new Error('end'));
    await running;
    await clock.pass(seconds(10));
    expect(asked).toHaveLength(3);
    expect(clock.waiting).toBe(0);
  });
});

describe('who begins to lead', () => {
  test('and has not led, asks nobody', async () => {
    leads = false;
    pods = [47];
    signals.set(KEY, signalOf(BY_CONCURRENCY));
    await clock.pass(seconds(10));
    expect(asked).toEqual([]);
    expect(signals.standing(KEY)).toBeUndefined();
  });

  test('takes none of the pods that are there away before a whole window was measured', async () => {
    [pods, found] = [[1, 1, 1, 1], 6];
    signals.set(KEY, signalOf({ ...BY_CONCURRENCY, window: '30s' }));
    await clock.pass(seconds(31));
    expect(desired()).toBe(6);
    await clock.pass(seconds(6));
    expect(desired()).toBe(2);
  });

  test('counts the window from the first answer, however long it took', async () => {
    [pods, found] = [[{ message: 'refused', likeMesh: false }], 6];
    signals.set(KEY, signalOf({ ...BY_CONCURRENCY, window: '30s' }));
    await clock.pass(seconds(60));
    expect(desired()).toBe(-1);
    pods = [1, 1, 1, 1];
    await clock.pass(seconds(31));
    expect(desired()).toBe(6);
  });

  test('again, has forgotten what was before', async () => {
    [pods, found] = [[47], 1];
    signals.set(KEY, signalOf(BY_CONCURRENCY));
    await clock.pass(seconds(5));
    expect(desired()).toBe(5);
    leads = false;
    await clock.pass(seconds(5));
    expect(desired()).toBeUndefined();
    [pods, found, leads] = [[0, 0, 0], 3, true];
    await clock.pass(seconds(30));
    expect(desired()).toBe(3);
  });
});

describe('a revision with a query', () => {
  test('is measured at leisure, by whoever, as if it were asked each second', async () => {
    leads = false;
    pods = [50];
    signals.set(KEY, signalOf(BY_QUERY));
    await clock.pass(seconds(61));
    expect(asked).toHaveLength(12);
    expect(signals.standing(KEY)).toBeUndefined();
    // The target of concurrency: 100 in config-autoscaler, of which 70 %.
    expect(signals.wanted(KEY)).toBe(1);
    pods = [250];
    await clock.pass(seconds(60));
    expect(signals.wanted(KEY)).toBe(4);
    expect(news.every((use) => use === 'standby')).toBe(true);
    expect(decisions).toEqual([]);
  });

  test('is asked each second while it is scaled by something else', async () => {
    pods = [50];
    signals.set(KEY, signalOf(BY_QUERY));
    quiet = false;
    await clock.pass(seconds(5));
    asked = [];
    await clock.pass(seconds(10));
    expect(asked).toHaveLength(10);
  });

  test('is not measured by what lies back', async () => {
    pods = [250];
    signals.set(KEY, signalOf(BY_QUERY));
    await clock.pass(seconds(20));
    expect(signals.wanted(KEY)).toBe(4);
    pods = [{ message: 'refused', likeMesh: false }];
    await clock.pass(seconds(30));
    expect(signals.wanted(KEY)).toBeUndefined();
  });
});

test('revisions are spread over the second', async () => {
  let turn = 0;
  const many = new PodSignals({
    source: {
      ask: (host) => {
        asked.push({ host, at: clock.monotonic() % 1000 });
        return Promise.resolve(ok(NO_STAT));
      },
    },
    readyPods: () => [{ address: '10.0.0.1', startedAt: undefined }],
    found: () => 1,
    gate: { isOpen: () => true },
    isQuiet: () => true,
    isIdle: () => false,
    onRequests: () => undefined,
    onNews: () => undefined,
    onDecision: () => undefined,
    clock,
    random: () => (turn++ % 100) / 100,
    telemetry,
    log: new SilentLog(),
  });
  for (let index = 0; index < 50; index += 1)
    many.set(keyOf('default', `r-${index}`), signalOf(BY_CONCURRENCY));
  await clock.pass(seconds(2));
  expect(asked).toHaveLength(100);
  expect(new Set(asked.map(({ at }) => Math.floor(at / 100))).size).toBeGreaterThanOrEqual(8);
});

test('pods that hang keep no other revision waiting', async () => {
  const hanging = new Set<string>();
  let answered = 0;
  const many = new PodSignals({
    source: {
      ask: (host) => {
        if (hanging.has(host)) return new Promise(() => undefined);
        answered += 1;
        return Promise.resolve(ok(NO_STAT));
      },
    },
    readyPods: (key) => [{ address: key, startedAt: undefined }],
    found: () => 1,
    gate: { isOpen: () => true },
    isQuiet: () => true,
    isIdle: () => false,
    onRequests: () => undefined,
    onNews: () => undefined,
    onDecision: () => undefined,
    clock,
    random: () => 0.5,
    telemetry,
    log: new SilentLog(),
  });
  for (let index = 0; index < 200; index += 1) {
    const key = keyOf('default', `r-${index}`);
    if (index < 150) hanging.add(key);
    many.set(key, signalOf(BY_CONCURRENCY));
  }
  await clock.pass(seconds(5));
  expect(answered).toBe(50 * 5);
});

describe('what is known of requests', () => {
  const WINDOW = { ...BY_CONCURRENCY, window: '10s' };
  const requests = (): ReturnType<PodSignals['requests']> => signals.requests(KEY);

  test('is nothing before a pod was asked, and then since when and whether there were any', async () => {
    expect(requests()).toBeUndefined();
    pods = [0];
    signals.set(KEY, signalOf(WINDOW));
    await clock.pass(seconds(1));
    const watchedSince = requests()?.watchedSince;
    expect(watchedSince).toBe(clock.now() - 500);
    pods = [0.2];
    await clock.pass(seconds(1));
    expect(requests()).toEqual({ busyAt: clock.now() - 500, heldAt: undefined, watchedSince });
  });

  test('is told when there were none for a window, and when there are some again', async () => {
    pods = [1];
    signals.set(KEY, signalOf(WINDOW));
    await clock.pass(seconds(3));
    pods = [0];
    await clock.pass(seconds(9));
    expect(turns).toBe(0);
    await clock.pass(seconds(2));
    expect(turns).toBe(1);
    pods = [1];
    await clock.pass(seconds(1));
    expect(turns).toBe(2);
  });

  test('begins anew after a second that nobody could tell', async () => {
    pods = [0];
    signals.set(KEY, signalOf(WINDOW));
    await clock.pass(seconds(5));
    pods = [{ message: 'refused', likeMesh: false }];
    await clock.pass(seconds(1));
    expect(requests()?.watchedSince).toBeUndefined();
    pods = [0];
    await clock.pass(seconds(1));
    expect(requests()?.watchedSince).toBe(clock.now() - 500);
  });

  test('a request that waits at a proxy is told at once, and once', async () => {
    signals.set(KEY, signalOf(WINDOW));
    await clock.pass(seconds(30));
    turns = 0;
    const held = { ...NO_STAT, averageConcurrentRequests: 1, requestCount: 1 };
    signals.reported(KEY, held, clock.now());
    expect(turns).toBe(1);
    expect(requests()).toMatchObject({ busyAt: clock.now(), heldAt: clock.now() });
    await clock.pass(seconds(1));
    signals.reported(KEY, held, clock.now());
    expect(turns).toBe(1);
    await clock.pass(seconds(20));
    signals.reported(KEY, held, clock.now());
    // Quiet for a window meanwhile, and no longer.
    expect(turns).toBe(3);
  });

  test('pods at leisure are asked each second where nothing but requests keeps the revision awake', async () => {
    const sleeps = { ...signalOf(BY_QUERY), sleeps: true };
    pods = [0];
    signals.set(KEY, sleeps);
    await clock.pass(seconds(20));
    expect(asked.length).toBeLessThan(6);
    expect(clock.now() - (requests()?.watchedSince ?? 0)).toBeLessThan(5000);
    idle = true;
    await clock.pass(seconds(6));
    asked = [];
    await clock.pass(seconds(20));
    expect(asked).toHaveLength(20);
    expect(clock.now() - (requests()?.watchedSince ?? 0)).toBeGreaterThan(20_000);
  });
});
