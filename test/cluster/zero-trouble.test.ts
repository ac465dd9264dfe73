import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { eventually } from './api.ts';
import { Bridge, installActivators, uninstallPods } from './bridge.ts';
import { addressOf, ask, type Answer } from './gateway.ts';
import { KINDS, type Condition, type Kind } from './kinds.ts';
import { api, kubectl, namespace, script } from './lab.ts';
import {
  applyService,
  conditionOf,
  podAutoscalerWith,
  readyRevision,
  served,
  type serviceOf,
  type Annotations,
} from './serving.ts';
import { servedIn } from './soak/ledger.ts';

let bridge: Bridge;
let space: Awaited<ReturnType<typeof namespace>>;
let activators: readonly string[];

/** Asleep from the beginning: going there takes longer than anything else. */
const ASLEEP = { metric: 'concurrency', window: '6s', 'initial-scale': '0' } as const;
/** The least that a start which fails can take: 30 s more than this. */
const IMPATIENT = { ...ASLEEP, 'serving.knative.dev/progress-deadline': '5s' };
type Part = Readonly<Record<string, unknown>>;
const env = (variables: Readonly<Record<string, string>>): Part => ({
  env: Object.entries(variables).map(([name, value]) => ({ name, value })),
});
/** The app listens so many milliseconds after its container has started. */
const startsAfter = (milliseconds: number): Part => env({ START_DELAY_MS: String(milliseconds) });
const within = (timeoutSeconds: number): Part => ({
  timeoutSeconds,
  responseStartTimeoutSeconds: timeoutSeconds,
});
const LATE: Answer = { status: 504, text: 'activator request timeout' };
const SLOW = 20_000;

const answerOf = (revision: string): Promise<Answer> => ask(space.name, revision);
const answered = async (revision: string): Promise<void> =>
  expect(await answerOf(revision)).toMatchObject({ status: 200 });
const replicas = async (revision: string): Promise<number | undefined> =>
  (await api.get(KINDS.deployment, space.name, `${revision}-deployment`)).spec.replicas;
const active = (revision: string, status: 'True' | 'False' | 'Unknown', reason?: string): Promise<unknown> =>
  podAutoscalerWith(space.name, revision, {
    type: 'Active',
    status,
    ...(reason === undefined ? {} : { reason }),
  });
const asleep = (revision: string): Promise<void> =>
  eventually(async () => expect(await replicas(revision)).toBe(0));

/** A start takes 20 s: the request is held, and answered. */
async function slowStart(): Promise<void> {
  const revision = await served(space.name, 'slow', ASLEEP, {
    ...within(120),
    container: startsAfter(SLOW),
  });
  const answer = answerOf(revision);
  await active(revision, 'Unknown', 'Queued');
  expect(await answer).toMatchObject({ status: 200 });
  await active(revision, 'True');
}

interface Failure {
  readonly spec?: Parameters<typeof serviceOf>[3];
  readonly annotations?: Annotations;
  /** What the Revision says meanwhile. */
  readonly says: Partial<Condition>;
}

/** A revision whose pods never come up: requests end at their deadlines, and it sleeps again once the start has failed. */
async function failsToStart(name: string, { spec, annotations, says }: Failure): Promise<void> {
  const revision = await served(
    space.name,
    name,
    { ...IMPATIENT, ...annotations },
    { ...within(8), ...spec },
  );
  await using podAutoscaler = await api.follow(KINDS.podAutoscaler, space.name, revision);
  expect(await answerOf(revision)).toEqual(LATE);
  await active(revision, 'Unknown', 'Queued');
  await eventually(async () => {
    const { status } = await api.get(KINDS.revision, space.name, revision);
    expect(status?.conditions).toContainEqual(expect.objectContaining(says));
  });
  // It is told only until somebody looks again, as Knative has it.
  const reasons = (): readonly unknown[] =>
    podAutoscaler.versions.map((version) => conditionOf(version, 'Active')?.reason);
  await eventually(() => expect(reasons()).toContain('TimedOut'));
  await asleep(revision);
}

async function crashes(): Promise<void> {
  const spec = { container: env({ EXIT_CODE: '3' }) };
  const says = { type: 'ContainerHealthy', status: 'False', reason: 'ExitCode3' } as const;
  await failsToStart('crashing', { spec, says });
  await applyService(space.name, 'crashing', ASLEEP, within(60));
  await answered(await readyRevision(space.name, 'crashing'));
}

/** A Deployment that was complete once is never late, and so Knative goes on believing in it. */
const NOTHING = { type: 'Ready', status: 'True' } as const;

const hasNoImage = (): Promise<void> =>
  failsToStart('imageless', { spec: { container: { image: 'dev.local/absent:1' } }, says: NOTHING });

const hasNoAddress = (): Promise<void> =>
  failsToStart('addressless', { annotations: { 'lab/no-address': 'true' }, says: NOTHING });

/** Whichever limit is met first while a request is held. */
async function timeouts(): Promise<void> {
  const limits: Readonly<Record<string, Part>> = {
    whole: within(3),
    first: { timeoutSeconds: 60, responseStartTimeoutSeconds: 3 },
    idle: { ...within(60), idleTimeoutSeconds: 3 },
  };
  await Promise.all(
    Object.entries(limits).map(async ([name, limit]) => {
      const spec = { ...limit, container: startsAfter(SLOW) };
      const revision = await served(space.name, `late-${name}`, ASLEEP, spec);
      expect(await answerOf(revision)).toEqual(LATE);
    }),
  );
}

/** Requests of a revision that all activators together hold or forward. */
async function inFlight(revision: string): Promise<number> {
  const told = await Promise.all(
    activators.map(async (address) => {
      const answer = await fetch(`http://${address}:8080/in-flight/${space.name}/${revision}`);
      return ((await answer.json()) as { readonly inFlight: number }).inFlight;
    }),
  );
  return told.reduce((sum, one) => sum + one, 0);
}

/** A client gives up that was held: its pod never sees the request, and is not kept for it. */
async function givesUp(): Promise<void> {
  const revision = await served(space.name, 'left', ASLEEP, { ...within(60), container: startsAfter(6000) });
  const client = new AbortController();
  const left = ask(space.name, revision, { path: '/?id=left', signal: client.signal });
  left.catch(() => undefined);
  await active(revision, 'Unknown', 'Queued');
  expect(await inFlight(revision)).toBe(1);
  client.abort();
  await expect(left).rejects.toThrow();
  await eventually(async () => expect(await inFlight(revision)).toBe(0));
  await active(revision, 'True');
  await asleep(revision);
  expect(servedIn(space.name).has('left')).toBe(false);
}

const OWNED: readonly Kind[] = [
  KINDS.revision,
  KINDS.podAutoscaler,
  KINDS.deployment,
  KINDS.coreService,
  KINDS.endpoints,
  KINDS.pod,
];

/** Deletes a Service of Knative, and waits until nothing is left of it. */
async function deleted(name: string): Promise<void> {
  await api.remove(KINDS.service, space.name, name);
  await eventually(async () => {
    const left = await Promise.all(
      OWNED.map(async (kind) => {
        const names = (await api.list(kind, space.name)).map(({ metadata }) => metadata.name);
        return names.filter((one) => one.startsWith(`${name}-`)).map((one) => `${kind.kind} ${one}`);
      }),
    );
    expect(left.flat()).toEqual([]);
  });
}

async function deletedWhileWaking(): Promise<void> {
  const spec = { ...within(300), container: startsAfter(300_000) };
  const revision = await served(space.name, 'dropped', ASLEEP, spec);
  const answer = answerOf(revision);
  await active(revision, 'Unknown', 'Queued');
  expect(await inFlight(revision)).toBe(1);
  await Promise.all([
    deleted('dropped'),
    answer.then((came) =>
      expect(came).toEqual({
        status: 404,
        text: `Error getting active endpoint: revision.serving.knative.dev "${revision}" not found`,
      }),
    ),
  ]);
}

async function deletedAtZero(): Promise<void> {
  await served(space.name, 'unused', ASLEEP);
  await deleted('unused');
}

/** With min-scale a revision has a ServerlessService, and pods for as long as routes lead to it. */
async function losesItsRoute(): Promise<void> {
  const annotations = { metric: 'concurrency', window: '6s', 'min-scale': '1' };
  const old = await served(space.name, 'rolled', annotations);
  expect(await api.find(KINDS.sks, space.name, old)).toBeDefined();
  const young = await served(space.name, 'rolled', { ...annotations, 'lab/version': '2' });
  await asleep(old);
  expect(await replicas(young)).toBe(1);
  expect(await api.find(KINDS.sks, space.name, young)).toBeDefined();
  await api.patch(KINDS.service, space.name, 'rolled', {
    spec: { traffic: [{ revisionName: old, percent: 100 }] },
  });
  await active(old, 'True');
  expect(await replicas(old)).toBe(1);
  await answered(old);
  await asleep(young);
}

const CASES: Readonly<Record<string, () => Promise<void>>> = {
  'a start that takes 20 s: the request is held, and answered': slowStart,
  'a pod that crashes: requests end at their deadline, conditions say why, and a new revision mends it':
    crashes,
  'an image that is not there: the start fails, and it sleeps again': hasNoImage,
  'a pod without an address: the start fails, and it sleeps again': hasNoAddress,
  'every limit of a revision ends requests that are held, with 504': timeouts,
  'a client that gives up while it is held: nothing reaches the pod, and the revision sleeps again': givesUp,
  'deleted while it wakes: nothing is left, and who waits is told': deletedWhileWaking,
  'deleted at zero: nothing is left': deletedAtZero,
  'no route any more: it sleeps in spite of its min-scale, and comes back with its route': losesItsRoute,
};
const running = new Map<string, Promise<void>>();

beforeAll(async () => {
  space = await namespace('zero-trouble');
  activators = await installActivators();
  bridge = await Bridge.started('zero-trouble');
  await bridge.leading();
  // Most of their time they wait for something: each for itself, and all at once.
  for (const [name, run] of Object.entries(CASES)) {
    const one = run();
    one.catch(() => undefined); // told by its own test
    running.set(name, one);
  }
});
afterAll(async () => {
  await Promise.allSettled(running.values());
  await bridge[Symbol.asyncDispose]();
  await uninstallPods();
  await emptied();
  await space[Symbol.asyncDispose]();
});

/** Patient revisions get long to end, and a namespace is looked at again only after half of that. */
async function emptied(): Promise<void> {
  for (const { metadata } of await api.list(KINDS.service, space.name))
    await api.remove(KINDS.service, space.name, metadata.name);
  await eventually(async () => expect(await api.list(KINDS.deployment, space.name)).toEqual([]));
  await kubectl(['delete', 'pods', '--all', '--namespace', space.name, '--grace-period=0', '--force']);
}

test.each(Object.keys(CASES))('%s', async (name) => {
  await running.get(name);
});

/** Controllers of Kubernetes may wait for another minute before they ask again; one that has just started does not. */
async function awayFor30s(): Promise<void> {
  await script(['restart.sh', 'kube-apiserver', 'kill', '30']);
  await script(['restart.sh', 'kube-controller-manager', 'kill']);
}

test('the API server is away for 30 s while a revision wakes, or before it can: requests are answered', async () => {
  const patient = (name: string, delay: number): Promise<string> =>
    served(space.name, name, ASLEEP, { ...within(300), container: startsAfter(delay) });
  const [waking, sleeping] = await Promise.all([patient('waking', SLOW), patient('sleeping', 0)]);
  const first = answerOf(waking);
  await active(waking, 'Unknown', 'Queued');
  const address = await addressOf(space.name, sleeping);
  const away = awayFor30s();
  const second = (async (): Promise<Answer> => {
    await eventually(async () => {
      await expect(fetch(api.server)).rejects.toMatchObject({ cause: { code: 'ECONNREFUSED' } });
    });
    return ask(space.name, sleeping, { address });
  })();
  const [one, other] = await Promise.all([first, second, away]);
  expect([one.status, other.status]).toEqual([200, 200]);
});
