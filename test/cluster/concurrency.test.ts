import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Bridge } from './bridge.ts';
import { KINDS } from './kinds.ts';
import { api, figure, namespace } from './lab.ts';
import { Load } from './load.ts';
import { served, type Annotations } from './serving.ts';

const KPA = 'kpa.autoscaling.knative.dev';

let bridge: Bridge;
let space: Awaited<ReturnType<typeof namespace>>;
beforeAll(async () => {
  space = await namespace('concurrency');
  bridge = await Bridge.started('concurrency');
  await bridge.leading();
});
afterAll(async () => {
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
  test('the same pods are wanted over ramp, burst, plateau and decay', async () => {
    const samples = await sideBySide(
      'course',
      { metric: 'concurrency', target: '5', window: '40s', 'min-scale': '1' },
      [
        ['idle', () => 0, 5],
        ['ramp', (second) => 2 + Math.floor(second / 2), 36],
        ['burst', () => 35, 30],
        ['plateau', () => 20, 50],
        ['decay', () => 2, 90],
      ],
    );
    figure(
      `concurrency course: within one pod in ${(100 * agreement(samples)).toFixed(1)} % of ${samples.length} samples, peaks ${peak(samples, 0)} and ${peak(samples, 1)}`,
    );
    expect(agreement(samples)).toBeGreaterThanOrEqual(0.95);
    expect(peak(samples, 1)).toBe(peak(samples, 0));
  }, 600_000);
});
