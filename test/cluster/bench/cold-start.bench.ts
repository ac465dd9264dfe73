import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { quantile } from '../../bench/activator/quantile.ts';
import { eventually } from '../api.ts';
import { installActivators, installAsPods, uninstallPods } from '../bridge.ts';
import { addressesIn, KINDS } from '../kinds.ts';
import { api, namespace, SYSTEM } from '../lab.ts';
import { served, type Annotations } from '../serving.ts';
import { Alarm, PHASES, type Awakening } from './awakening.ts';
import { print, setting } from './print.ts';

/** Awakenings of each kind. */
const ROUNDS = setting('ROUNDS', 50);
/** Milliseconds that the app takes until it listens. */
const DELAYS = [0, 500] as const;
/** Revisions of each kind: one is woken while others fall asleep. */
const REVISIONS = 4;
/** Between two awakenings, for what the last one set going. Milliseconds. */
const REST = 300;

const SIDES: Readonly<Record<string, Annotations>> = {
  'hpa-bridge': { metric: 'concurrency' },
  Knative: { class: 'kpa.autoscaling.knative.dev', metric: 'concurrency' },
};

let space: Awaited<ReturnType<typeof namespace>>;
let activators: Readonly<Record<string, readonly string[]>>;
beforeAll(async () => {
  space = await namespace('cold');
  await installAsPods();
  const knatives = addressesIn(await api.get(KINDS.endpoints, SYSTEM, 'activator-service'));
  activators = { 'hpa-bridge': await installActivators(), Knative: knatives };
}, 180_000);
afterAll(async () => {
  await space[Symbol.asyncDispose]();
  await uninstallPods();
}, 120_000);

const SIDE_NAMES = Object.keys(SIDES);
const kindOf = (side: string, delay: number): string => `${side} ${delay}`;

/** Revisions by side and delay. */
async function revisions(): Promise<ReadonlyMap<string, readonly string[]>> {
  const kinds = Object.entries(SIDES).flatMap(([side, annotations]) =>
    DELAYS.map(async (delay) => {
      const all = Array.from({ length: REVISIONS }, (_, nth) =>
        served(space.name, `${side === 'Knative' ? 'theirs' : 'ours'}-${delay}-${nth}`, {
          ...annotations,
          ...{ window: '6s', 'lab/start-delay-ms': String(delay) },
        }),
      );
      return [kindOf(side, delay), await Promise.all(all)] as const;
    }),
  );
  return new Map(await Promise.all(kinds));
}

test(
  'from a request at zero to its answer',
  async () => {
    await using alarm = await Alarm.in(space.name);
    const all = await revisions();
    const sleeper = (side: string, delay: number): Promise<string> =>
      eventually(async () => {
        for (const revision of all.get(kindOf(side, delay)) ?? [])
          if (await alarm.sleeps(revision, activators[side] ?? [])) return revision;
        throw new Error(`no revision of ${side} sleeps`);
      });
    const woken = new Map<string, Awakening[]>([...all.keys()].map((kind) => [kind, []]));
    for (let round = 0; round < ROUNDS; round += 1)
      for (const delay of DELAYS) {
        // Both sleep before either is woken, so that what happens to one has nothing to do with how long the other took to get there.
        const pair = await Promise.all(
          SIDE_NAMES.map(async (side) => [side, await sleeper(side, delay)] as const),
        );
        for (const [side, revision] of Math.random() < 0.5 ? pair : pair.toReversed()) {
          woken.get(kindOf(side, delay))?.push(await alarm.wake(revision));
          await sleep(REST);
        }
      }
    for (const delay of DELAYS) tell(delay, woken);
    for (const awakenings of woken.values()) expect(awakenings).toHaveLength(ROUNDS);
  },
  300_000 + ROUNDS * 60_000,
);

function tell(delay: number, woken: ReadonlyMap<string, readonly Awakening[]>): void {
  print(`\nan app that starts in ${delay} ms, n=${ROUNDS}: milliseconds from the request`);
  for (const phase of PHASES) {
    const [ours, theirs] = SIDE_NAMES.map((side) => {
      const values = (woken.get(kindOf(side, delay)) ?? []).map((each) => each[phase]);
      return [0.5, 0.95].map((part) => quantile(values, part));
    });
    const told = [ours, theirs].map((figures) => figures?.map((each) => each.toFixed(0)).join(' / '));
    const ratios = ours?.map((each, i) => (each / (theirs?.[i] ?? Number.NaN)).toFixed(2)).join(' / ');
    print(
      `  ${phase.padEnd(9)} p50 / p95: hpa-bridge ${told[0] ?? ''}, Knative ${told[1] ?? ''}, ratio ${ratios ?? ''}`,
    );
  }
}
