import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from '@jest/globals';
import { eventually } from '../api.ts';
import { addressesIn, KINDS } from '../kinds.ts';
import { api } from '../lab.ts';
import { Load, LONG_HOLD } from '../load.ts';
import { podAutoscalerWith } from '../serving.ts';
import type { Sleeper } from './sleeper.ts';

/**
 * One pod carries 20. Where a burst of 10 is to be absorbed, it does so alone with 2 in flight, and not with 40, however few of these a slow
 * machine has under way at a time.
 */
const ONE_POD = { target: '20', 'max-scale': '1' };
export const ABSORBS = {
  none: { ...ONE_POD, 'target-burst-capacity': '0' },
  ten: { ...ONE_POD, 'target-burst-capacity': '10' },
  all: { ...ONE_POD, 'target-burst-capacity': '-1' },
};
const CALM = 2;
const STORM = 40;
/** Time for some decisions, in milliseconds; there is one every 2 s. */
const SOME_DECISIONS = 7_000;

const loadOn = ({ namespace, revision, clusterIP, port }: Sleeper): Promise<Load> =>
  Load.on(namespace, revision, { through: `${clusterIP}:${port}`, hold: LONG_HOLD });

/** Activators leave the path of a pod that can take a burst alone, come back while it cannot, and leave again. */
export async function absorbsBursts(sleeper: Sleeper, activators: readonly string[]): Promise<void> {
  await using load = await loadOn(sleeper);
  load.inFlight(CALM);
  await sleeper.served();
  load.inFlight(STORM);
  await eventually(async () => expect(await sleeper.behind()).toEqual(activators));
  load.inFlight(CALM);
  await sleeper.served();
  expect(load.failed).toBe(0);
}

/** The pod takes all requests by itself, however many they are. */
export async function neverAbsorbs(sleeper: Sleeper): Promise<void> {
  await using load = await loadOn(sleeper);
  load.inFlight(STORM);
  await sleeper.served();
  await stay(sleeper, await sleeper.behind());
  expect(load.failed).toBe(0);
}

/** Activators stay in the path of a pod that serves, however few the requests are. */
export async function alwaysAbsorbs(sleeper: Sleeper, activators: readonly string[]): Promise<void> {
  await using load = await loadOn(sleeper);
  load.inFlight(CALM);
  await podAutoscalerWith(sleeper.namespace, sleeper.revision, { type: 'Active', status: 'True' });
  await stay(sleeper, activators);
  expect(load.failed).toBe(0);
}

/** These stand behind its Service while some decisions are made, and nobody else. */
async function stay({ namespace, revision }: Sleeper, addresses: readonly string[]): Promise<void> {
  await using endpoints = await api.follow(KINDS.endpoints, namespace, revision);
  await sleep(SOME_DECISIONS);
  for (const version of endpoints.versions) expect(addressesIn(version)).toEqual(addresses);
}
