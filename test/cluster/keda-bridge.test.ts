import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { selfSigned } from '../doubles/certificate.ts';
import { eventually } from './api.ts';
import { installAsPods, scalePods, uninstallPods } from './bridge.ts';
import { Exporter } from './exporter.ts';
import { KINDS, type HorizontalPodAutoscaler } from './kinds.ts';
import { api, figure, kubectl, namespace, SYSTEM } from './lab.ts';
import { Load, LONG_HOLD } from './load.ts';
import { Prometheus } from './prometheus.ts';
import { annotate, conditionOf, podAutoscalerWith, served } from './serving.ts';

const CONFIG = 'config-hpa-bridge';

let exporter: Exporter;
let prometheus: Prometheus;
let space: Awaited<ReturnType<typeof namespace>>;

/** What Prometheus finds from now on. */
const depthIs = (depth: number): void => exporter.set(`depth{namespace="${space.name}"}`, depth);

beforeAll(async () => {
  space = await namespace('bridged');
  exporter = await Exporter.start();
  prometheus = await Prometheus.start(space.name, [exporter.target]);
  await installAsPods();
  const servers = JSON.stringify([{ name: 'lab', address: prometheus.address, timeout: '2s' }]);
  await api.patch(KINDS.configMap, SYSTEM, CONFIG, { data: { 'prometheus-servers': servers } });
});
afterAll(async () => {
  await space[Symbol.asyncDispose]();
  await api.patch(KINDS.configMap, SYSTEM, CONFIG, { data: { 'prometheus-servers': null } });
  await uninstallPods();
  await exporter[Symbol.asyncDispose]();
});

const deploymentOf = (revision: string): string => `${revision}-deployment`;

const replicasAre = (revision: string, replicas: number): Promise<void> =>
  eventually(async () => {
    const { spec } = await api.get(KINDS.deployment, space.name, deploymentOf(revision));
    expect(spec.replicas).toBe(replicas);
  });

const hpaWith = (revision: string, check: (hpa: HorizontalPodAutoscaler) => void): Promise<void> =>
  eventually(async () => check(await api.get(KINDS.hpa, space.name, revision)));

test('a revision scales by what KEDA is told; with Prometheus away, or us, it keeps its replicas', async () => {
  depthIs(10);
  const revision = await served(space.name, 'shop', {
    query: 'max(depth{namespace="{{ .namespace }}"})',
    target: '2.5',
    window: '6s',
    'max-scale': '8',
    'hpa-bridge.dev/prometheus': 'lab',
    'hpa-bridge.dev/keda-trigger': 'bridge',
    'hpa-bridge.dev/polling-interval': '1s',
    'hpa-bridge.dev/stale-after': '3s',
  });
  await replicasAre(revision, 4);
  const { spec } = await api.get(KINDS.scaledObject, space.name, revision);
  expect(spec.triggers).toMatchObject([{ type: 'external-push', metadata: { target: '2.5' } }]);
  await podAutoscalerWith(space.name, revision, { type: 'SignalAvailable', status: 'True' });

  // The target is edited: the HPA has it, and nothing else changes.
  await annotate(space.name, revision, { target: '2' });
  await hpaWith(revision, (hpa) => expect(JSON.stringify(hpa.spec.metrics)).toContain('"averageValue":"2"'));
  await replicasAre(revision, 5);

  // A peak; Prometheus is away in the middle of it, and what it would say is less.
  depthIs(14);
  await replicasAre(revision, 7);
  await using deployment = await api.follow(KINDS.deployment, space.name, deploymentOf(revision));
  await prometheus.goAway();
  depthIs(2);
  await podAutoscalerWith(space.name, revision, { type: 'SignalAvailable', status: 'False' });
  // KEDA still has a value: the one that keeps the replicas.
  await hpaWith(revision, (hpa) => {
    expect(conditionOf(hpa, 'ScalingActive')).toMatchObject({ status: 'True' });
    expect(hpa.status).toMatchObject({ currentReplicas: 7, desiredReplicas: 7 });
  });

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
  expect(new Set(deployment.versions.map((version) => version.spec.replicas))).toEqual(new Set([7]));

  await prometheus.comeBack();
  await podAutoscalerWith(space.name, revision, { type: 'SignalAvailable', status: 'True' });
  await replicasAre(revision, 1);
});

test('with Prometheus away the requests at the pods count in its place, and once it is back its query does, without a dip', async () => {
  depthIs(15);
  const annotations = {
    query: 'max(depth{namespace="{{ .namespace }}"})',
    target: '10',
    window: '20s',
    'max-scale': '8',
    'hpa-bridge.dev/prometheus': 'lab',
    'hpa-bridge.dev/keda-trigger': 'bridge',
    'hpa-bridge.dev/polling-interval': '1s',
    'hpa-bridge.dev/stale-after': '0s',
  };
  // Of ten requests that a pod may take at a time, seven are meant: that is the target of its concurrency.
  const revision = await served(space.name, 'stands-in', annotations, { containerConcurrency: 10 });
  await replicasAre(revision, 2);
  await using load = await Load.on(space.name, revision, { hold: LONG_HOLD });

  await prometheus.goAway();
  load.inFlight(25);
  const left = performance.now();
  await podAutoscalerWith(space.name, revision, { type: 'FallbackActive', reason: 'Concurrency' });
  await replicasAre(revision, 4);
  figure(
    `fallback under KEDA: 25 requests in flight gave 4 pods ${((performance.now() - left) / 1000).toFixed(0)} s after Prometheus had gone`,
  );
  await using deployment = await api.follow(KINDS.deployment, space.name, deploymentOf(revision));
  load.inFlight(60);
  await replicasAre(revision, 8);

  depthIs(78);
  await prometheus.comeBack();
  await podAutoscalerWith(space.name, revision, { type: 'FallbackActive', status: 'False' });
  // Nothing holds any more what the query does not ask for.
  await load[Symbol.asyncDispose]();
  await sleep(30_000);
  const told = deployment.versions.map(({ spec }) => spec.replicas ?? 1);
  expect(Math.min(...told.slice(told.indexOf(8)))).toBe(8);
});

/** The pieces of YAML in a document, in their order. */
const yamlIn = (path: string): readonly string[] =>
  [...readFileSync(path, 'utf8').matchAll(/^```yaml\n(.*?)^```$/gms)].map(([, text = '']) => text);

test('KEDA asks Prometheus itself where the trigger says so, and us again after the next edit', async () => {
  depthIs(6);
  const { address } = prometheus;
  await api.patch(KINDS.configMap, SYSTEM, CONFIG, { data: { 'allowed-prometheus-addresses': address } });
  const revision = await served(space.name, 'both', {
    query: 'max(depth{namespace="{{ .namespace }}"})',
    target: '2',
    window: '6s',
    'max-scale': '8',
    'prometheus-address': address,
  });
  const scalesBy = (metric: string): Promise<void> =>
    hpaWith(revision, (hpa) => {
      expect(JSON.stringify(hpa.spec.metrics)).toContain(metric);
      expect(conditionOf(hpa, 'ScalingActive')).toMatchObject({ status: 'True' });
    });
  await scalesBy('s0-prometheus');
  await replicasAre(revision, 3);
  await using deployment = await api.follow(KINDS.deployment, space.name, deploymentOf(revision));

  // Prometheus is away, and what it would say is less: KEDA has no value, and the HPA leaves the replicas as they are.
  await prometheus.goAway();
  depthIs(2);
  await hpaWith(revision, (hpa) =>
    expect(conditionOf(hpa, 'ScalingActive')).toMatchObject({ status: 'False' }),
  );
  await podAutoscalerWith(space.name, revision, { type: 'SignalAvailable', status: 'False' });
  depthIs(6);
  await prometheus.comeBack();
  await scalesBy('s0-prometheus');

  await annotate(space.name, revision, { 'hpa-bridge.dev/keda-trigger': 'bridge' });
  await scalesBy('s0-hpa-bridge-query');
  await annotate(space.name, revision, { 'hpa-bridge.dev/keda-trigger': null });
  await scalesBy('s0-prometheus');
  expect(new Set(deployment.versions.map((version) => version.spec.replicas))).toEqual(new Set([3]));
  await api.patch(KINDS.configMap, SYSTEM, CONFIG, { data: { 'allowed-prometheus-addresses': null } });
});

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
  await api.patch(KINDS.configMap, SYSTEM, CONFIG, { data: { 'keda-scaler-authentication': 'hpa-bridge' } });
  try {
    depthIs(8);
    const revision = await served(space.name, 'secured', {
      query: 'max(depth{namespace="{{ .namespace }}"})',
      target: '2',
      'max-scale': '8',
      'hpa-bridge.dev/prometheus': 'lab',
      'hpa-bridge.dev/keda-trigger': 'bridge',
    });
    const { spec } = await api.get(KINDS.scaledObject, space.name, revision);
    expect(spec.triggers).toMatchObject([
      {
        metadata: { enableTLS: 'true' },
        authenticationRef: { kind: 'ClusterTriggerAuthentication', name: 'hpa-bridge' },
      },
    ]);
    await replicasAre(revision, 4);
  } finally {
    await api.patch(KINDS.configMap, SYSTEM, CONFIG, { data: { 'keda-scaler-authentication': null } });
    await api.remove(KINDS.clusterTriggerAuthentication, undefined, 'hpa-bridge');
    for (const { namespace: home, name } of secrets) await api.remove(KINDS.secret, home, name);
  }
});
