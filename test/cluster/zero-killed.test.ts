import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Bridge, freeLeaseOf, installActivators, uninstallPods } from './bridge.ts';
import { ask } from './gateway.ts';
import { KINDS } from './kinds.ts';
import { api, figure, namespace } from './lab.ts';
import { podAutoscalerWith, served } from './serving.ts';
import { MOMENTS, WriteGuard } from './write-guard.ts';

/** All that is written about a revision on its way to zero. What is asked and waited for stands between the second and the third. */
const WAY = ['Endpoints', 'Active=False, 1 pods', 'replicas 0', 'Active=False, 0 pods'] as const;
/** Said before the way begins, and again by one who takes over. */
const SERVING = 'Active=True, 1 pods';
const KILLS = WAY.flatMap((write) => MOMENTS.map((moment) => ({ write, moment })));

let space: Awaited<ReturnType<typeof namespace>>;
let guard: WriteGuard;
let leader: Bridge;
/** Takes over next. */
let standby: Promise<Bridge>;
let started = 0;

function start(): Promise<Bridge> {
  const starting = Bridge.started(`zero-killed-${started++}`, [], guard);
  starting.catch(() => undefined); // told when it is needed
  return starting;
}

beforeAll(async () => {
  space = await namespace('zero-killed');
  await installActivators();
  guard = await WriteGuard.before(api);
  leader = await start();
  await leader.leading();
  standby = start();
});
afterAll(async () => {
  for (const one of [leader, await standby]) await one[Symbol.asyncDispose]();
  await guard[Symbol.asyncDispose]();
  await uninstallPods();
  await space[Symbol.asyncDispose]();
});

/** The one that leads has ended, and the next one goes on. */
async function succeeded(): Promise<void> {
  const ended = leader;
  leader = await standby;
  guard.open();
  await freeLeaseOf(ended);
  standby = start();
}

test('the controller is killed before and after each write of the way to zero: the next one goes on, and no request is lost', async () => {
  const idle = { metric: 'concurrency', window: '6s', 'target-burst-capacity': '0' };
  // Each of these is asked for once, while nobody leads.
  const others = await Promise.all(KILLS.map((_, at) => served(space.name, `asked-${at}`, idle)));
  const revision = await served(space.name, 'way', idle);
  guard.watch(space.name, revision);
  const began = performance.now();
  let stopped = guard.stopAt(KILLS[0]!);
  for (const [at, { write, moment }] of KILLS.entries()) {
    await stopped;
    await leader.stop('SIGKILL');
    figure(`zero killed: ${moment} ${write}, ${Math.round(performance.now() - began)} ms after the start`);
    const { status } = await ask(space.name, others[at]!);
    expect([write, moment, status]).toEqual([write, moment, 200]);
    const next = KILLS[at + 1];
    if (next !== undefined) stopped = guard.stopAt(next);
    await succeeded();
  }
  await podAutoscalerWith(space.name, revision, { type: 'Active', status: 'False', reason: 'NoTraffic' });
  expect((await api.get(KINDS.deployment, space.name, `${revision}-deployment`)).spec.replicas).toBe(0);
  // Whatever else will be written on the way has to be killed at, too.
  const onTheWay = guard.writes.filter((write) => write !== SERVING);
  expect([...new Set(onTheWay)]).toEqual([...WAY]);
  const answers = await Promise.all([revision, ...others].map((one) => ask(space.name, one)));
  expect(answers.filter(({ status }) => status !== 200)).toEqual([]);
  await podAutoscalerWith(space.name, revision, { type: 'Active', status: 'True' });
});
