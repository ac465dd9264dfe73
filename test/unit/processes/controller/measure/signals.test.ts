import { beforeEach, describe, expect, test } from '@jest/globals';
import { plainServer } from '../../../../../src/domain/config/prometheus-servers.ts';
import { keyOf, type Key } from '../../../../../src/domain/key.ts';
import type { Measurement } from '../../../../../src/domain/plan/measurement.ts';
import type { Policy } from '../../../../../src/domain/signal/policy.ts';
import type { ToldTarget } from '../../../../../src/domain/signal/told.ts';
import { minutes, seconds } from '../../../../../src/domain/time.ts';
import { Signals } from '../../../../../src/processes/controller/measure/signals.ts';
import { answerOf, failure, numberAt, policyWith } from '../../../../builders/signal.ts';
import { ManualClock } from '../../../../doubles/manual-clock.ts';
import { TallyingTelemetry } from '../../../../doubles/tallying-telemetry.ts';

const KEY = keyOf('default', 'hello-00001');

const measurement = (query = 'sum(x)', policy: Partial<Policy> = {}): Measurement => ({
  server: plainServer('main', 'http://prometheus.monitoring:9090'),
  query,
  policy: policyWith(policy),
  target: { target: 10, metricType: 'AverageValue' },
  bounds: { min: 1, max: 100 },
});

let clock: ManualClock;
let telemetry: TallyingTelemetry;
let replicas: number | undefined;
let inForce: ToldTarget | undefined;
let concurrency: number | undefined;
let planned: Key[];
let signals: Signals;
beforeEach(() => {
  clock = new ManualClock();
  telemetry = new TallyingTelemetry();
  replicas = 4;
  inForce = undefined;
  concurrency = undefined;
  planned = [];
  signals = new Signals({
    scaleOf: () => ({ replicas, readyPods: replicas ?? 0, inForce }),
    concurrencyOf: () => concurrency,
    clock,
    telemetry,
    onChange: (key) => void planned.push(key),
  });
});

const answered = (value: number): void =>
  signals.record(KEY, answerOf(numberAt(value, clock.now()), clock.now()));
const failed = (): void => signals.record(KEY, answerOf(failure(), clock.now()));
const value = (): number | string => {
  const told = signals.told(KEY);
  return told === undefined ? 'not ours' : told.is === 'value' ? told.value : told.reason;
};
/** An answer every 15 s. */
const steadily = async (number: number, times: number): Promise<void> => {
  for (let i = 0; i < times; i += 1) {
    await clock.pass(seconds(15));
    answered(number);
  }
};

test('a revision that is not measured is not told of', () => {
  answered(5);
  expect([value(), signals.targetOf(KEY), signals.decision(KEY)]).toEqual(['not ours', undefined, undefined]);
});

test('one that is measured is an error until there is an answer, and then its value', () => {
  signals.set(KEY, measurement());
  expect(value()).toBe('NotMeasuredYet');
  expect(signals.targetOf(KEY)).toEqual({ target: 10, metricType: 'AverageValue' });
  answered(55);
  expect(signals.told(KEY)).toEqual({ is: 'value', value: 55, at: clock.now(), interval: seconds(15) });
});

test('an outage in the middle of a peak: held, then lowered only after a full window', async () => {
  signals.set(KEY, measurement());
  await steadily(38, 5);
  expect(value()).toBe(38);
  for (let i = 0; i < 60; i += 1) {
    await clock.pass(seconds(15));
    failed();
    expect(value()).toBe(40);
  }
  await steadily(3, 4);
  expect(value()).toBe(40);
  await steadily(3, 1);
  expect(value()).toBe(3);
});

test('what is held follows the replicas', () => {
  signals.set(KEY, measurement());
  failed();
  replicas = 7;
  expect(value()).toBe(70);
});

test('what is held is compared with the target that the HPA has, not with the one that it is to have', () => {
  signals.set(KEY, measurement());
  failed();
  inForce = { target: 25, metricType: 'AverageValue' };
  expect(value()).toBe(100);
  inForce = { target: 25, metricType: 'Value' };
  expect(value()).toBe(25);
  expect(signals.targetOf(KEY)).toEqual({ target: 10, metricType: 'AverageValue' });
});

describe('the rung changes with time alone', () => {
  test('where answers stop, and the plan is told', async () => {
    signals.set(KEY, measurement());
    await steadily(25, 5);
    planned = [];
    await clock.pass(seconds(48));
    expect(signals.decision(KEY)).toMatchObject({ rung: 'last-good', fault: 'signal_stale' });
    expect(planned).toEqual([KEY]);
    await clock.pass(minutes(5));
    expect(signals.decision(KEY)?.rung).toBe('hold');
    expect(planned).toEqual([KEY, KEY]);
  });
  test('not after it is over', async () => {
    signals.set(KEY, measurement());
    answered(25);
    signals.stop();
    planned = [];
    await clock.pass(minutes(10));
    expect(planned).toEqual([]);
  });
});

test('answers that say the same are no reason to plan', async () => {
  signals.set(KEY, measurement());
  await steadily(25, 2);
  planned = [];
  await steadily(26, 30);
  expect(planned).toEqual([]);
});

describe('another question', () => {
  test('forgets what was answered to the one before', async () => {
    signals.set(KEY, measurement());
    await steadily(25, 10);
    signals.set(KEY, measurement('sum(y)'));
    expect(value()).toBe('NotMeasuredYet');
    await steadily(3, 1);
    expect(value()).toBe(40);
  });
  test('is not one that is only judged differently', async () => {
    signals.set(KEY, measurement());
    await steadily(25, 10);
    signals.set(KEY, measurement('sum(x)', { staleAfter: minutes(1) }));
    expect(value()).toBe(25);
  });
});

test('listeners hear of answers, of other targets, and of the end', () => {
  const heard: (number | string)[] = [];
  const end = signals.subscribe(() => heard.push(value()));
  signals.set(KEY, measurement());
  answered(55);
  signals.set(KEY, undefined);
  end();
  signals.set(KEY, measurement());
  expect(heard).toEqual(['NotMeasuredYet', 55, 'not ours']);
});

test('how many revisions stand on each rung', async () => {
  const other = keyOf('default', 'other-00001');
  const count = (rung: string) => telemetry.valueOf('hpa_bridge_measured_revisions', { rung });
  signals.set(KEY, measurement());
  signals.set(other, measurement());
  answered(25);
  expect([count('fresh'), count('none'), count('hold')]).toEqual([1, 1, 0]);
  signals.record(other, answerOf(failure(), clock.now()));
  expect([count('fresh'), count('none'), count('hold')]).toEqual([1, 0, 1]);
  signals.set(other, undefined);
  await clock.pass(seconds(48));
  expect([count('fresh'), count('last-good'), count('hold')]).toEqual([0, 1, 0]);
});

test('once the last number is too old, the concurrency at the pods counts, and lowers nothing', async () => {
  signals.set(KEY, measurement());
  answered(40);
  for (let interval = 0; interval < 5; interval++) {
    await clock.pass(seconds(60));
    failed();
  }
  expect(signals.decision(KEY)?.rung).toBe('last-good');
  concurrency = 6;
  await clock.pass(seconds(60));
  expect(signals.decision(KEY)).toMatchObject({ rung: 'concurrency', mayLower: false });
  expect(value()).toBe(60);
  concurrency = 2;
  expect(value()).toBe(40);
  concurrency = undefined;
  expect(signals.decision(KEY)?.rung).toBe('hold');
});

describe('whether the query says that there is something to do', () => {
  const activity = (): unknown => signals.activity(KEY);

  test('is not known before there is an answer', () => {
    signals.set(KEY, measurement());
    expect(activity()).toBeUndefined();
  });

  test('follows the number itself, and is told when it turns', async () => {
    signals.set(KEY, {
      ...measurement(),
      target: { target: 10, metricType: 'AverageValue', activationThreshold: 3 },
    });
    answered(3);
    const quietSince = clock.now();
    expect(activity()).toEqual({ active: false, since: quietSince });
    planned.length = 0;
    await steadily(2, 3);
    expect([activity(), planned]).toEqual([{ active: false, since: quietSince }, []]);
    answered(3.5);
    expect([activity(), planned]).toEqual([{ active: true, since: clock.now() }, [KEY]]);
  });

  test('is not made up by what keeps the replicas', () => {
    signals.set(KEY, measurement());
    answered(0);
    // A lower number is not told before a whole window.
    expect(value()).not.toBe(0);
    expect(activity()).toMatchObject({ active: false });
  });

  test('goes with the query', () => {
    signals.set(KEY, measurement());
    answered(5);
    signals.set(KEY, undefined);
    expect(activity()).toBeUndefined();
  });
});
