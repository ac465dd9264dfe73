import { expect } from '@jest/globals';
import { eventually } from '../api.ts';
import { callsWith } from '../audit.ts';
import { KINDS, type Deployment } from '../kinds.ts';
import { api } from '../lab.ts';
import { Clients, type Target } from '../soak/clients.ts';
import { Ledger } from '../soak/ledger.ts';
import type { Sleeper } from './sleeper.ts';

/** The replicas that were told, one after another. */
const courseOf = (versions: readonly Deployment[]): readonly (number | undefined)[] =>
  versions.map(({ spec }) => spec.replicas).filter((replicas, at, all) => replicas !== all[at - 1]);

/** So many requests at once to each of the targets: all are answered, and each by one pod. */
async function asked(targets: readonly Target[], requests: number): Promise<void> {
  const ledger = new Ledger();
  await using clients = new Clients(ledger);
  await Promise.all(
    targets.flatMap((target) => Array.from({ length: requests }, () => clients.ask(target, 'at-zero'))),
  );
  const { sent, answered, lost, doubled, unseen } = ledger.balance(targets[0]!.namespace);
  expect({ lost, doubled, unseen }).toEqual({ lost: [], doubled: [], unseen: [] });
  expect([sent, answered]).toEqual([requests * targets.length, sent]);
}

/** More than the first pod is meant for, at once: the others follow, as many as there may be. */
export async function wokenByBurst(sleeper: Sleeper, pods: number): Promise<void> {
  await using deployment = await api.follow(KINDS.deployment, sleeper.namespace, sleeper.deployment);
  await asked([sleeper], 500);
  await eventually(() => expect(courseOf(deployment.versions)).toContain(pods));
}

/**
 * Each activator wakes by itself, and the controller too, once it is told: one write succeeds, whoever comes later sees it or is refused by
 * the version, and nothing is taken back.
 */
export async function wokenByAll(sleeper: Sleeper, activators: readonly string[]): Promise<void> {
  const { namespace, revision, deployment } = sleeper;
  await using followed = await api.follow(KINDS.deployment, namespace, deployment);
  const targets = activators.map((activator) => ({ namespace, revision, clusterIP: `${activator}:8012` }));
  await asked(targets, 20);
  expect(courseOf(followed.versions)).toEqual([0, 1]);
  const codes = callsWith(deployment)
    .filter(({ objectRef }) => objectRef?.namespace === namespace && objectRef.subresource === 'scale')
    .filter(({ verb }) => verb === 'patch')
    .map(({ responseStatus }) => responseStatus?.code);
  // To zero, and back.
  expect(codes.filter((code) => code === 200)).toHaveLength(2);
  expect(codes.filter((code) => code !== 200 && code !== 409)).toEqual([]);
}

/** A pod that takes one request at a time never sees two, however many wait for it. */
export async function wokenOneByOne(sleeper: Sleeper): Promise<void> {
  const answers = await Promise.all(Array.from({ length: 40 }, () => sleeper.ask({ path: '/?sleep=50' })));
  for (const { status, headers } of answers) expect([status, headers['x-in-flight']]).toEqual([200, '1']);
}
