import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { eventually, type Followed } from './api.ts';
import { Bridge, leaseOfBridge } from './bridge.ts';
import { configured } from './cluster-config.ts';
import { Firewall } from './firewall.ts';
import { KINDS, type Deployment } from './kinds.ts';
import { api, namespace } from './lab.ts';
import { Load, LONG_HOLD } from './load.ts';
import { podAutoscalerWith, served, type Annotations } from './serving.ts';

/** Seconds. */
const WINDOW = 20;
/** Where nothing that fell for a moment is judged: few samples are enough. */
const SHORT_WINDOW = 10;

let bridge: Bridge;
let firewall: Firewall;
let space: Awaited<ReturnType<typeof namespace>>;
beforeAll(async () => {
  space = await namespace('trouble');
  firewall = await Firewall.up();
  bridge = await Bridge.started('trouble');
  await bridge.leading();
});
afterAll(async () => {
  await firewall[Symbol.asyncDispose]();
  await bridge[Symbol.asyncDispose]();
  await space[Symbol.asyncDispose]();
});

interface Course {
  readonly annotations: Annotations;
  readonly inFlight: number;
  /** So many are needed for that, at least. */
  readonly pods: number;
  /**
   * Whether some of the pods stand for all. While they come up, the first one still carries most, and is among those or not: what is
   * measured in that time is far off, and counts for a window.
   */
  readonly sampled?: boolean;
}

/** Of five requests that a pod may take, 3.5 are meant, whatever config-autoscaler says: twelve are in the middle of what four pods take. */
const fourPods = (window: number): Course => ({
  annotations: {
    metric: 'concurrency',
    target: '5',
    'target-utilization-percentage': '70',
    window: `${window}s`,
  },
  inFlight: 12,
  pods: 4,
});

/** A revision under load. */
interface Loaded extends AsyncDisposable {
  readonly revision: string;
  readonly load: Load;
  readonly pods: number;
  /** Since it had that many. */
  readonly deployment: Followed<Deployment>;
}

/** A revision under so many requests, once it has as many pods as they need, and all of them are ready. */
async function loaded(name: string, { annotations, inFlight, pods, sampled }: Course): Promise<Loaded> {
  const revision = await served(space.name, name, annotations);
  const load = await Load.on(space.name, revision, { hold: LONG_HOLD });
  load.inFlight(inFlight);
  await scaledTo(revision, pods);
  if (sampled === true) {
    await aWindow();
    await scaledTo(revision, pods);
  }
  const deployment = await api.follow(KINDS.deployment, space.name, deploymentOf(revision));
  return {
    revision,
    load,
    pods,
    deployment,
    [Symbol.asyncDispose]: async () => {
      await deployment[Symbol.asyncDispose]();
      await load[Symbol.asyncDispose]();
    },
  };
}

const deploymentOf = (revision: string): string => `${revision}-deployment`;

/** Waits until a revision has so many pods at least, all of them ready. */
const scaledTo = (revision: string, atLeast: number): Promise<void> =>
  eventually(async () => {
    const { spec, status } = await api.get(KINDS.deployment, space.name, deploymentOf(revision));
    expect(spec.replicas).toBeGreaterThanOrEqual(atLeast);
    expect(status?.readyReplicas).toBe(spec.replicas);
  });

/** Waits until the revision is to have exactly so many pods. */
const told = (revision: string, replicas: number): Promise<void> =>
  eventually(async () => {
    const { spec } = await api.get(KINDS.deployment, space.name, deploymentOf(revision));
    expect(spec.replicas).toBe(replicas);
  });

/** No version of the Deployment was told to have fewer pods than are needed. */
function expectEnough(...all: readonly Loaded[]): void {
  for (const { pods, deployment } of all) expect(fewest(deployment)).toBeGreaterThanOrEqual(pods);
}

const fewest = ({ versions }: Followed<Deployment>): number =>
  Math.min(...versions.map(({ spec }) => spec.replicas ?? 1));

const addressesOf = async (revision: string): Promise<readonly string[]> => {
  const pods = await api.list(
    KINDS.pod,
    space.name,
    `?labelSelector=serving.knative.dev%2Frevision%3D${revision}`,
  );
  return pods.flatMap(({ status }) => status?.podIP ?? []);
};

/** Longer than a window: what was measured before does not count any more. */
const aWindow = (): Promise<void> => sleep((WINDOW + 5) * 1000);

// These two run beside each other; those after them do things to all pods and to every bridge.

test.concurrent(
  'a target in config-autoscaler is edited while there is load: the scale follows',
  async () => {
    const CONFIG = 'config-autoscaler';
    await configured(
      CONFIG,
      { 'container-concurrency-target-default': '10', 'container-concurrency-target-percentage': '50' },
      async () => {
        const annotations = { metric: 'concurrency', window: `${WINDOW}s` };
        await using run = await loaded('edited', { annotations, inFlight: 7, pods: 2 });
        await told(run.revision, 2);
        await configured(CONFIG, { 'container-concurrency-target-percentage': '20' }, () =>
          told(run.revision, 4),
        );
        await told(run.revision, 2);
      },
    );
  },
);

describe('nothing falls under load', () => {
  test.concurrent(
    'when a pod is killed, or pods are silent: few of whom all are needed, or half of many',
    async () => {
      const many: Course = {
        // Many requests for each pod: half of the pods then carry half of them, give or take little.
        annotations: {
          metric: 'concurrency',
          target: '8',
          'target-utilization-percentage': '75',
          window: `${WINDOW}s`,
        },
        // In the middle of what 20 pods take, give or take two. From 18 on, half of them stand for all.
        inFlight: 117,
        pods: 18,
        sampled: true,
      };
      await using stack = new AsyncDisposableStack();
      const [killed, silent, half] = (
        await Promise.all([
          loaded('killed', fourPods(WINDOW)),
          loaded('silent', fourPods(WINDOW)),
          loaded('half', many),
        ])
      ).map((one) => stack.use(one)) as [Loaded, Loaded, Loaded];
      const [pod] = await api.list(
        KINDS.pod,
        space.name,
        `?labelSelector=serving.knative.dev%2Frevision%3D${killed.revision}`,
      );
      await api.remove(KINDS.pod, space.name, pod!.metadata.name);
      const ofFew = await addressesOf(silent.revision);
      const ofMany = await addressesOf(half.revision);
      await firewall.silence([...ofFew.slice(0, 2), ...ofMany.slice(0, Math.floor(ofMany.length / 2))]);

      await podAutoscalerWith(space.name, silent.revision, {
        type: 'SignalAvailable',
        status: 'False',
        reason: 'CollectionFailed',
      });
      // Half of many stand for all: the scale follows.
      half.load.inFlight(156);
      await scaledTo(half.revision, 24);
      await aWindow();
      expectEnough(killed, silent, half);

      await firewall.open();
      await podAutoscalerWith(space.name, silent.revision, { type: 'SignalAvailable', status: 'True' });
      for (const { load } of [killed, silent, half]) load.inFlight(1);
      await Promise.all([killed, silent, half].map(({ revision }) => told(revision, 1)));
    },
  );

  test('when the leader is killed, or bridge is stopped and started again; without load not before a window', async () => {
    await using stack = new AsyncDisposableStack();
    const [busy, idle] = (
      await Promise.all([loaded('busy', fourPods(WINDOW)), loaded('idle', fourPods(WINDOW))])
    ).map((one) => stack.use(one)) as [Loaded, Loaded];
    const standby = await Bridge.started('trouble-standby');
    await bridge.stop('SIGKILL');
    await standby.leading();
    bridge = standby;
    await aWindow();
    expectEnough(busy, idle);

    await idle.load[Symbol.asyncDispose]();
    await bridge.stop('SIGTERM');
    bridge = await Bridge.started('trouble-restarted');
    await bridge.leading();
    const began = Date.parse((await leaseOfBridge()).spec.acquireTime ?? '');
    await told(idle.revision, 1);
    const fewer = (await bridge.decisions(space.name, idle.revision)).filter(
      ({ pods }) => pods !== null && pods < idle.pods,
    );
    // The oldest of them; it is told in whole seconds.
    const fell = Date.parse(fewer.at(-1)?.at ?? '');
    expect(fell - began).toBeGreaterThan((WINDOW - 1) * 1000);
    expectEnough(busy);
  });
});

describe('in a mesh pods are asked through their Service', () => {
  const CONFIG = 'config-network';

  test('where config-network says so, and where they answer 503 to everybody else', async () => {
    await configured(CONFIG, { 'mesh-compatibility-mode': 'enabled' }, async () => {
      await firewall.refuseAll();
      await using run = await loaded('meshed', fourPods(SHORT_WINDOW));
      run.load.inFlight(1);
      await told(run.revision, 1);
    });
    await firewall.open();
    await configured(CONFIG, { 'mesh-compatibility-mode': 'auto' }, async () => {
      await firewall.unavailableAll();
      await using run = await loaded('unaddressable', fourPods(SHORT_WINDOW));
      run.load.inFlight(1);
      await told(run.revision, 1);
    });
    await firewall.open();
  });
});
