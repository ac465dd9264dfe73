import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Bridge, freeLease, installActivators, uninstallPods } from './bridge.ts';
import { ask } from './gateway.ts';
import { KINDS } from './kinds.ts';
import { api, figure, namespace } from './lab.ts';
import { podAutoscalerWith, served } from './serving.ts';
import { MOMENTS, WriteGuard } from './write-guard.ts';

/** All that is written about a revision on its way to zero. What is asked and waited for stands between the second and the third. */
const WAY = ['Endpoints', 'Active=False, 1 pods', 'replicas 0', 'Active=False, 0 pods'] as const;
const KILLS = WAY.flatMap((write) => MOMENTS.map((moment) => ({ write, moment })));

let space: Awaited<ReturnType<typeof namespace>>;
let guard: WriteGuard;
/** The first leads, the other is about to. */
let controllers: readonly [Bridge, Bridge];
let started = 0;
const start = (): Promise<Bridge> => Bridge.started(`zero-killed-${started++}`, [], guard);

beforeAll(async () => {
  space = await namespace('zero-killed');
  await installActivators();
  guard = await WriteGuard.before(api);
  const first = await start();
  await first.leading();
  controllers = [first, await start()];
});
afterAll(async () => {
  for (const one of controllers) await one[Symbol.asyncDispose]();
  await guard[Symbol.asyncDispose]();
  await uninstallPods();
  await space[Symbol.asyncDispose]();
});

/** The one that leads ends where it stands, and the other goes on; a third one is started, for the next time. `meanwhile` happens while nobody leads. */
async function killed<T>(meanwhile: () => Promise<T>): Promise<T> {
  const [first, second] = controllers;
  await first.stop('SIGKILL');
  const came = await meanwhile();
  guard.open();
  await freeLease();
  await second.leading();
  controllers = [second, await start()];
  return came;
}

test('the controller is killed before and after each write of the way to zero: the next one goes on, and no request is lost', async () => {
  const idle = { metric: 'concurrency', window: '6s', 'target-burst-capacity': '0' };
  // Each of these is asked for once, while nobody leads.
  const others = await Promise.all(KILLS.map((_, at) => served(space.name, `asked-${at}`, idle)));
  const revision = await served(space.name, 'way', idle);
  guard.watch(space.name, revision);
  const began = performance.now();
  for (const [at, { write, moment }] of KILLS.entries()) {
    await guard.stopAt(write, moment);
    const { status } = await killed(() => ask(space.name, others[at]!));
    expect([write, moment, status]).toEqual([write, moment, 200]);
    figure(`zero killed: ${moment} ${write}, ${Math.round(performance.now() - began)} ms after the start`);
  }
  await podAutoscalerWith(space.name, revision, { type: 'Active', status: 'False', reason: 'NoTraffic' });
  expect((await api.get(KINDS.deployment, space.name, `${revision}-deployment`)).spec.replicas).toBe(0);
  // Whatever else will be written on the way has to be killed at, too.
  expect([...new Set(guard.writes)]).toEqual([...WAY]);
  const answers = await Promise.all([revision, ...others].map((one) => ask(space.name, one)));
  expect(answers.filter(({ status }) => status !== 200)).toEqual([]);
  await podAutoscalerWith(space.name, revision, { type: 'Active', status: 'True' });
});
