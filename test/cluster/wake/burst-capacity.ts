import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from '@jest/globals';
import { eventually } from '../api.ts';
import { addressesIn, KINDS } from '../kinds.ts';
import { api } from '../lab.ts';
import { Load } from '../load.ts';
import { podAutoscalerWith } from '../serving.ts';
import type { Sleeper } from './sleeper.ts';

/** One pod carries 20. Where a burst of 10 is to be absorbed it does so alone with 2 in flight, and not with 16. */
const ONE_POD = { target: '20', 'max-scale': '1' };
export const ABSORBS = {
  none: { ...ONE_POD, 'target-burst-capacity': '0' },
  ten: { ...ONE_POD, 'target-burst-capacity': '10' },
  all: { ...ONE_POD, 'target-burst-capacity': '-1' },
};
const CALM = 2;
const STORM = 16;
/** Time for some decisions, in milliseconds; there is one every 2 s. */
const SOME_DECISIONS = 7_000;

const loadOn = ({ namespace, revision, clusterIP, port }: Sleeper): Promise<Load> =>
  Load.on(namespace, revision, { through: `${clusterIP}:${port}` });

async function awake(sleeper: Sleeper): Promise<void> {
  expect((await sleeper.ask({})).status).toBe(200);
  await podAutoscalerWith(sleeper.namespace, sleeper.revision, { type: 'Active', status: 'True' });
}

/** Activators leave the path of a pod that can take a burst alone, come back while it cannot, and leave again. */
export async function absorbsBursts(sleeper: Sleeper, activators: readonly string[]): Promise<void> {
  await awake(sleeper);
  await using load = await loadOn(sleeper);
  load.inFlight(CALM);
  await sleeper.served();
  load.inFlight(STORM);
  await eventually(async () => expect(await sleeper.behind()).toEqual(activators));
  load.inFlight(CALM);
  await sleeper.served();
  expect(load.failed).toBe(0);
}

/** The pods take all requests by themselves, however many they are. */
export async function neverAbsorbs(sleeper: Sleeper): Promise<void> {
  await awake(sleeper);
  await sleeper.served();
  await staysInStorm(sleeper, await sleeper.behind());
}

/** Activators stay in the path of a pod that serves, however few the requests are. */
export async function alwaysAbsorbs(sleeper: Sleeper, activators: readonly string[]): Promise<void> {
  await awake(sleeper);
  await staysInStorm(sleeper, activators);
}

/** All the time that there are many requests, and none before and after, these are behind the Service. */
async function staysInStorm(sleeper: Sleeper, addresses: readonly string[]): Promise<void> {
  const { namespace, revision } = sleeper;
  await using endpoints = await api.follow(KINDS.endpoints, namespace, revision);
  {
    await using load = await loadOn(sleeper);
    load.inFlight(STORM);
    await sleep(SOME_DECISIONS);
    expect(load.failed).toBe(0);
  }
  expect(new Set(endpoints.versions.map((version) => addressesIn(version).join()))).toEqual(
    new Set([addresses.join()]),
  );
  await podAutoscalerWith(namespace, revision, { type: 'Active', status: 'True' });
}
