import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { selfSigned } from '../doubles/certificate.ts';
import { eventually, type Followed } from './api.ts';
import { installAsPods, scalePods, uninstallPods } from './bridge.ts';
import { KINDS, type Deployment, type HorizontalPodAutoscaler } from './kinds.ts';
import { api, figure, kubectl, SYSTEM } from './lab.ts';
import { Load, LONG_HOLD } from './load.ts';
import { Places } from './places.ts';
import { annotate, conditionOf, podAutoscalerWith, served, type Annotations } from './serving.ts';

const CONFIG = 'config-hpa-bridge';

type Case = 'shop' | 'stands-in' | 'both' | 'alone' | 'secured';

let places: Places<Case>;

const set = (data: Readonly<Record<string, string | null>>): Promise<unknown> =>
  api.patch(KINDS.configMap, SYSTEM, CONFIG, { data });

beforeAll(async () => {
  places = await Places.start<Case>(['shop', 'stands-in', 'both', 'alone', 'secured']);
  await installAsPods();
  await set({
    'prometheus-servers': places.servers,
    'allowed-prometheus-addresses': places.at('both').prometheus.address,
  });
});
afterAll(async () => {
  await places[Symbol.asyncDispose]();
  await set({ 'prometheus-servers': null, 'allowed-prometheus-addresses': null });
  await uninstallPods();
});

/** What a case does to its revision and its Prometheus, and what it looks at. */
function standing(name: Case) {
  const { space, prometheus, set } = places.at(name);
  return {
    space,
    prometheus,
    /** What Prometheus finds from now on. */
    depthIs: (depth: number): void => set('depth', depth),
    /** A revision that is scaled by it. */
    served: (annotations: Annotations, spec: Readonly<Record<string, unknown>> = {}): Promise<string> =>
      served(
        space,
        name,
        { query: 'max(depth{namespace="{{ .namespace }}"})', 'max-scale': '8', ...annotations },
        spec,
      ),
    replicasAre: (revision: string, replicas: number): Promise<void> =>
      eventually(async () => {
        const { spec } = await api.get(KINDS.deployment, space, deploymentOf(revision));
        expect(spec.replicas).toBe(replicas);
      }),
    hpaWith: (revision: string, check: (hpa: HorizontalPodAutoscaler) => void): Promise<void> =>
      eventually(async () => check(await api.get(KINDS.hpa, space, revision))),
    deployment: (revision: string): Promise<Followed<Deployment>> =>
      api.follow(KINDS.deployment, space, deploymentOf(revision)),
  };
}

const deploymentOf = (revision: string): string => `${revision}-deployment`;

/** By the Prometheus of the case, asked each second by us, of whom KEDA asks. */
const asked = (name: Case): Annotations => ({
  'hpa-bridge.dev/prometheus': name,
  'hpa-bridge.dev/keda-trigger': 'bridge',
  'hpa-bridge.dev/polling-interval': '1s',
});

const replicasIn = ({ versions }: Followed<Deployment>): readonly number[] =>
  versions.map(({ spec }) => spec.replicas ?? 1);

test.concurrent(
  'a revision scales by what KEDA is told; with Prometheus away it keeps its replicas',
  async () => {
    const { space, prometheus, depthIs, replicasAre, hpaWith, ...at } = standing('shop');
    depthIs(10);
    const revision = await at.served({
      ...asked('shop'),
      target: '2.5',
      window: '6s',
      'hpa-bridge.dev/stale-after': '3s',
    });
    await replicasAre(revision, 4);
    const { spec } = await api.get(KINDS.scaledObject, space, revision);
    expect(spec.triggers).toMatchObject([{ type: 'external-push', metadata: { target: '2.5' } }]);
    await podAutoscalerWith(space, revision, { type: 'SignalAvailable', status: 'True' });

    // The target is edited: the HPA has it, and nothing else changes.
    await annotate(space, revision, { target: '2' });
    await hpaWith(revision, (hpa) =>
      expect(JSON.stringify(hpa.spec.metrics)).toContain('"averageValue":"2"'),
    );
    await replicasAre(revision, 5);

    // A peak; Prometheus is away in the middle of it, and what it would say is less.
    depthIs(14);
    await replicasAre(revision, 7);
    await using deployment = await at.deployment(revision);
    await prometheus.goAway();
    depthIs(2);
    await podAutoscalerWith(space, revision, { type: 'SignalAvailable', status: 'False' });
    // KEDA still has a value: the one that keeps the replicas.
    await hpaWith(revision, (hpa) => {
      expect(conditionOf(hpa, 'ScalingActive')).toMatchObject({ status: 'True' });
      expect(hpa.status).toMatchObject({ currentReplicas: 7, desiredReplicas: 7 });
    });
    expect(new Set(replicasIn(deployment))).toEqual(new Set([7]));

    await prometheus.comeBack();
    await podAutoscalerWith(space, revision, { type: 'SignalAvailable', status: 'True' });
    await replicasAre(revision, 1);
  },
);

test.concurrent(
  'with Prometheus away the requests at the pods count in its place, and once it is back its query does, without a dip',
  async () => {
    const { space, prometheus, depthIs, replicasAre, ...at } = standing('stands-in');
    depthIs(15);
    const annotations = { target: '10', window: '12s', 'hpa-bridge.dev/stale-after': '0s' };
    // Of ten requests that a pod may take at a time, seven are meant: that is the target of its concurrency.
    const revision = await at.served({ ...asked('stands-in'), ...annotations }, { containerConcurrency: 10 });
    await replicasAre(revision, 2);
    await using load = await Load.on(space, revision, { hold: LONG_HOLD });

    await prometheus.goAway();
    load.inFlight(25);
    const left = performance.now();
    await podAutoscalerWith(space, revision, { type: 'FallbackActive', reason: 'Concurrency' });
    await replicasAre(revision, 4);
    figure(
      `fallback under KEDA: 25 requests in flight gave 4 pods ${((performance.now() - left) / 1000).toFixed(0)} s after Prometheus had gone`,
    );
    await using deployment = await at.deployment(revision);
    load.inFlight(60);
    await replicasAre(revision, 8);

    depthIs(78);
    await prometheus.comeBack();
    await podAutoscalerWith(space, revision, { type: 'FallbackActive', status: 'False' });
    // Nothing holds any more what the query does not ask for.
    await load[Symbol.asyncDispose]();
    await sleep(24_000);
    const told = replicasIn(deployment);
    expect(Math.min(...told.slice(told.indexOf(8)))).toBe(8);
  },
);

test.concurrent(
  'KEDA asks Prometheus itself where the trigger says so, and us again after the next edit',
  async () => {
    const { space, prometheus, depthIs, replicasAre, hpaWith, ...at } = standing('both');
    depthIs(6);
    const revision = await at.served({
      target: '2',
      window: '6s',
      'prometheus-address': prometheus.address,
    });
    const scalesBy = (metric: string): Promise<void> =>
      hpaWith(revision, (hpa) => {
        expect(JSON.stringify(hpa.spec.metrics)).toContain(metric);
        expect(conditionOf(hpa, 'ScalingActive')).toMatchObject({ status: 'True' });
      });
    await scalesBy('s0-prometheus');
    await replicasAre(revision, 3);
    await using deployment = await at.deployment(revision);

    // Prometheus is away, and what it would say is less: KEDA has no value, and the HPA leaves the replicas as they are.
    await prometheus.goAway();
    depthIs(2);
    await hpaWith(revision, (hpa) =>
      expect(conditionOf(hpa, 'ScalingActive')).toMatchObject({ status: 'False' }),
    );
    await podAutoscalerWith(space, revision, { type: 'SignalAvailable', status: 'False' });
    depthIs(6);
    await prometheus.comeBack();
    await scalesBy('s0-prometheus');

    await annotate(space, revision, { 'hpa-bridge.dev/keda-trigger': 'bridge' });
    await scalesBy('s0-hpa-bridge-query');
    await annotate(space, revision, { 'hpa-bridge.dev/keda-trigger': null });
    await scalesBy('s0-prometheus');
    expect(new Set(replicasIn(deployment))).toEqual(new Set([3]));
  },
);

test('with Prometheus away, and then us, a revision keeps its replicas', async () => {
  const { prometheus, depthIs, replicasAre, hpaWith, ...at } = standing('alone');
  depthIs(10);
  const revision = await at.served({
    ...asked('alone'),
    target: '2.5',
    window: '6s',
    'hpa-bridge.dev/stale-after': '3s',
  });
  await replicasAre(revision, 4);
  await using deployment = await at.deployment(revision);
  await prometheus.goAway();
  depthIs(2);
  // Neither of our replicas is there.
  await scalePods(0);
  await hpaWith(revision, (hpa) =>
    expect(conditionOf(hpa, 'ScalingActive')).toMatchObject({
      status: 'False',
      reason: 'FailedGetExternalMetric',
    }),
  );
  await scalePods(2);
  // Nothing has been measured since: that is no value, and no reason to scale down.
  await sleep(6_000);
  expect(new Set(replicasIn(deployment))).toEqual(new Set([4]));

  await prometheus.comeBack();
  await replicasAre(revision, 1);
});

/** The pieces of YAML in a document, in their order. */
const yamlIn = (path: string): readonly string[] =>
  [...readFileSync(path, 'utf8').matchAll(/^```yaml\n(.*?)^```$/gms)].map(([, text = '']) => text);

test('over TLS with client certificates, set up as docs/keda.md says', async () => {
  const [authentication, patch] = yamlIn('docs/keda.md');
  const ours = selfSigned('hpa-bridge-keda', ['hpa-bridge-keda.knative-serving.svc']);
  const kedas = selfSigned('keda-operator');
  const secrets = [
    { namespace: SYSTEM, name: 'hpa-bridge-keda', own: ours, ca: kedas.cert },
    { namespace: 'keda', name: 'hpa-bridge-keda-client', own: kedas, ca: ours.cert },
  ];
  for (const { namespace: home, name, own, ca } of secrets)
    await api.apply(KINDS.secret, {
      metadata: { namespace: home, name },
      stringData: { 'tls.crt': own.cert, 'tls.key': own.key, 'ca.crt': ca },
    });
  await kubectl(['apply', '-f', '-'], authentication);
  await kubectl(['-n', SYSTEM, 'patch', 'deployment', 'hpa-bridge', '--type=strategic', '-p', patch!]);
  await kubectl(['-n', SYSTEM, 'rollout', 'status', 'deployment/hpa-bridge', '--timeout=120s']);
  await set({ 'keda-scaler-authentication': 'hpa-bridge' });
  try {
    const { space, depthIs, replicasAre, ...at } = standing('secured');
    depthIs(8);
    const revision = await at.served({ ...asked('secured'), target: '2' });
    const { spec } = await api.get(KINDS.scaledObject, space, revision);
    expect(spec.triggers).toMatchObject([
      {
        metadata: { enableTLS: 'true' },
        authenticationRef: { kind: 'ClusterTriggerAuthentication', name: 'hpa-bridge' },
      },
    ]);
    await replicasAre(revision, 4);
  } finally {
    await set({ 'keda-scaler-authentication': null });
    await api.remove(KINDS.clusterTriggerAuthentication, undefined, 'hpa-bridge');
    for (const { namespace: home, name } of secrets) await api.remove(KINDS.secret, home, name);
  }
});
