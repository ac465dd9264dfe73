import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { eventually } from './api.ts';
import { Bridge } from './bridge.ts';
import { KINDS } from './kinds.ts';
import { api, figure, namespace, tidied } from './lab.ts';
import { Load, LONG_HOLD } from './load.ts';
import { served, type Annotations } from './serving.ts';

const KPA = 'kpa.autoscaling.knative.dev';

let bridge: Bridge;
let space: Awaited<ReturnType<typeof namespace>>;
beforeAll(async () => {
  await tidied();
  space = await namespace('concurrency');
  bridge = await Bridge.started('concurrency');
  await bridge.leading();
});
afterAll(async () => {
  const conflicts = await bridge.metric('hpa_bridge_faults_total', { code: 'conflict' });
  const scales = await bridge.metric('hpa_bridge_writes_total', { verb: 'scale' });
  figure(`concurrency: ${scales} scales written, ${conflicts} writes that lost a race`);
  await bridge[Symbol.asyncDispose]();
  await space[Symbol.asyncDispose]();
});

const desired = async (revision: string): Promise<number> =>
  (await api.get(KINDS.podAutoscaler, space.name, revision)).status?.desiredScale ?? -1;

/** One part of a course: so many requests in flight, for so many seconds. */
type Part = readonly [name: string, inFlight: (second: number) => number, seconds: number];

/** Two revisions of the same app under the same load, one scaled by Knative and one by us; what each wanted, second by second. */
async function sideBySide(
  name: string,
  annotations: Annotations,
  course: readonly Part[],
): Promise<readonly (readonly [theirs: number, ours: number])[]> {
  const [theirs, ours] = await Promise.all([
    served(space.name, `${name}-kpa`, { ...annotations, class: KPA }),
    served(space.name, `${name}-ours`, annotations),
  ]);
  await using loadOfTheirs = await Load.on(space.name, theirs);
  await using loadOfOurs = await Load.on(space.name, ours);
  const samples: (readonly [number, number])[] = [];
  for (const [part, inFlight, seconds] of course) {
    const from = samples.length;
    for (let second = 0; second < seconds; second += 1) {
      for (const load of [loadOfTheirs, loadOfOurs]) load.inFlight(inFlight(second));
      const [pair] = await Promise.all([Promise.all([desired(theirs), desired(ours)]), sleep(1000)]);
      samples.push(pair);
    }
    const shown = (side: 0 | 1): string =>
      samples
        .slice(from)
        .map((pair) => pair[side])
        .join(' ');
    figure(`concurrency ${name}, ${part}: KPA  ${shown(0)}`);
    figure(`concurrency ${name}, ${part}: ours ${shown(1)}`);
  }
  figure(`concurrency ${name}: requests that failed: KPA ${loadOfTheirs.failed}, ours ${loadOfOurs.failed}`);
  return samples;
}

/** The share of the samples in which both want the same within one pod. */
const agreement = (samples: readonly (readonly [number, number])[]): number =>
  samples.filter(([theirs, ours]) => Math.abs(theirs - ours) <= 1).length / samples.length;

const peak = (samples: readonly (readonly [number, number])[], side: 0 | 1): number =>
  Math.max(...samples.map((pair) => pair[side]));

describe('beside the autoscaler of Knative', () => {
  test.concurrent('the same pods are wanted over ramp, burst, plateau and decay', async () => {
    const samples = await sideBySide(
      'course',
      // A panic window of 10 s: for a moment new pods carry less than the others, and who asks some of many is wrong about all of them.
      {
        metric: 'concurrency',
        target: '5',
        window: '40s',
        'panic-window-percentage': '25',
        'min-scale': '1',
      },
      [
        ['idle', () => 0, 5],
        ['ramp', (second) => 2 + Math.floor(second / 6), 36],
        // In the middle of what eight pods are wanted for: 24.5 to 28. Three are there by then: without doubt a panic, for both.
        ['burst', () => 26, 30],
        ['plateau', () => 16, 50],
        ['decay', () => 2, 65],
      ],
    );
    figure(
      `concurrency course: within one pod in ${(100 * agreement(samples)).toFixed(1)} % of ${samples.length} samples, peaks ${peak(samples, 0)} and ${peak(samples, 1)}`,
    );
    expect(agreement(samples)).toBeGreaterThanOrEqual(0.95);
    // Each carries a load of its own: from run to run Knative's own peak differs by one, too.
    expect(Math.abs(peak(samples, 1) - peak(samples, 0))).toBeLessThanOrEqual(1);
  });

  test.concurrent('the same pods are wanted by requests per second', async () => {
    const samples = await sideBySide(
      'rps',
      { metric: 'rps', target: '10', window: '20s', 'min-scale': '1' },
      [
        ['ramp', (second) => 1 + second, 16],
        ['plateau', () => 16, 25],
        ['decay', () => 1, 45],
      ],
    );
    figure(
      `concurrency rps: within one pod in ${(100 * agreement(samples)).toFixed(1)} % of ${samples.length} samples, peaks ${peak(samples, 0)} and ${peak(samples, 1)}`,
    );
    expect(agreement(samples)).toBeGreaterThanOrEqual(0.95);
    expect(Math.abs(peak(samples, 1) - peak(samples, 0))).toBeLessThanOrEqual(1);
  });
});

describe('what a container takes at a time is a target', () => {
  // Far from where a pod more or less would be needed: of one, two or three pods at 70 %.
  test.concurrent.each([
    [1, 1, 2],
    [10, 17, 3],
    [0, 20, 1],
  ])('containerConcurrency %d: %d requests need %d pods', async (containerConcurrency, inFlight, pods) => {
    const name = `takes-${containerConcurrency}`;
    const annotations = { metric: 'concurrency', window: '20s' };
    const revision = await served(space.name, name, annotations, { containerConcurrency });
    await using load = await Load.on(space.name, revision, { hold: LONG_HOLD });
    load.inFlight(inFlight);
    await eventually(async () => {
      const [now] = await bridge.decisions(space.name, revision);
      expect(now?.pods).toBe(pods);
      // The whole window is of this load.
      expect(now?.count).toBeGreaterThanOrEqual(10);
    });
    expect(await desired(revision)).toBe(pods);
  });
});
