import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { eventually } from './api.ts';
import { installAsPods, uninstallPods } from './bridge.ts';
import { configured } from './cluster-config.ts';
import { Exporter } from './exporter.ts';
import { externalApi, externalApiAvailable, freeExternalApi } from './external-api.ts';
import { KINDS, type Deployment } from './kinds.ts';
import { api, namespace, SYSTEM } from './lab.ts';
import { Load, LONG_HOLD } from './load.ts';
import { Prometheus } from './prometheus.ts';
import { conditionOf, podAutoscalerWith, served } from './serving.ts';

/** Seconds; the shortest that Knative allows, for the HPA's behavior and for ours. */
const WINDOW = 6;
/** How long nothing may fall while Prometheus is away: several windows, and many looks of the HPA. */
const OUTAGE = 4 * WINDOW * 1000;

let space: Awaited<ReturnType<typeof namespace>>;
let freed: AsyncDisposable;
let exporter: Exporter;
let prometheus: Prometheus;
beforeAll(async () => {
  space = await namespace('by-hpa');
  freed = await freeExternalApi();
  exporter = await Exporter.start();
  prometheus = await Prometheus.start(space.name, [exporter.target]);
  await installAsPods();
  await eventually(async () => {
    expect((await externalApi()).spec.service).toMatchObject({ namespace: SYSTEM });
  });
  await externalApiAvailable();
});
afterAll(async () => {
  await space[Symbol.asyncDispose]();
  await uninstallPods();
  await freed[Symbol.asyncDispose]();
  await exporter[Symbol.asyncDispose]();
});

/** Waits until the revision is told to have, and has, so many pods. */
const scaledTo = (revision: string, replicas: number): Promise<void> =>
  eventually(async () => {
    const { spec, status } = await api.get(KINDS.deployment, space.name, `${revision}-deployment`);
    expect([spec.replicas, status?.readyReplicas]).toEqual([replicas, replicas]);
  });

/** The fewest pods that the Deployment was told to have after it was told to have so many. */
function fewestSince(versions: readonly Deployment[], replicas: number): number {
  const told = versions.map(({ spec }) => spec.replicas ?? 1);
  return Math.min(...told.slice(told.indexOf(replicas)));
}

test('an HPA scales from 1 to N and back by a query; while Prometheus is away nothing falls, and after it not before a whole window', async () => {
  const servers = JSON.stringify([{ name: 'default', address: prometheus.address, timeout: '2s' }]);
  await configured('config-hpa-bridge', { 'prometheus-servers': servers }, async () => {
    const load = (value: number): void => exporter.set(`load{namespace="${space.name}"}`, value);
    load(0);
    const revision = await served(space.name, 'wave', {
      query: 'sum(load{namespace="{{ .namespace }}"})',
      target: '2.5',
      'min-scale': '1',
      'max-scale': '6',
      window: `${WINDOW}s`,
      'hpa-bridge.dev/backend': 'hpa',
      'hpa-bridge.dev/polling-interval': '1s',
      'hpa-bridge.dev/stale-after': '5s',
    });
    await using deployment = await api.follow(KINDS.deployment, space.name, `${revision}-deployment`);
    await podAutoscalerWith(space.name, revision, { type: 'SignalAvailable', status: 'True' });

    load(11);
    await scaledTo(revision, 5);
    const { spec } = await api.get(KINDS.hpa, space.name, revision);
    expect(spec.metrics).toMatchObject([
      { type: 'External', external: { target: { type: 'AverageValue', averageValue: '2500m' } } },
    ]);

    await prometheus.goAway();
    load(0);
    await podAutoscalerWith(space.name, revision, { type: 'SignalAvailable', status: 'False' });
    // Nothing is in flight at its pods, and what asks for fewer of them lowers nothing.
    await podAutoscalerWith(space.name, revision, {
      type: 'FallbackActive',
      status: 'True',
      reason: 'Concurrency',
    });
    await sleep(OUTAGE);
    expect(fewestSince(deployment.versions, 5)).toBe(5);

    await prometheus.comeBack();
    const back = await podAutoscalerWith(space.name, revision, { type: 'SignalAvailable', status: 'True' });
    await scaledTo(revision, 1);
    const since = Date.parse(conditionOf(back, 'SignalAvailable')!.lastTransitionTime!);
    const { status } = await api.get(KINDS.hpa, space.name, revision);
    // Both are written in whole seconds.
    expect(Date.parse(status!.lastScaleTime!)).toBeGreaterThanOrEqual(since + (WINDOW - 1) * 1000);
    const pa = await api.get(KINDS.podAutoscaler, space.name, revision);
    expect(conditionOf(pa, 'FallbackActive')).toMatchObject({ status: 'False' });
    expect(conditionOf(pa, 'Ready')).toMatchObject({ status: 'True' });
  });
});

test('while Prometheus is away the requests at the pods count in its place, and once it is back its query does, without a dip', async () => {
  const servers = JSON.stringify([{ name: 'default', address: prometheus.address, timeout: '2s' }]);
  await configured('config-hpa-bridge', { 'prometheus-servers': servers }, async () => {
    const series = `depth{namespace="${space.name}"}`;
    exporter.set(series, 15);
    const annotations = {
      query: 'sum(depth{namespace="{{ .namespace }}"})',
      target: '10',
      'min-scale': '1',
      'max-scale': '8',
      window: '20s',
      'hpa-bridge.dev/backend': 'hpa',
      'hpa-bridge.dev/polling-interval': '1s',
      'hpa-bridge.dev/stale-after': '0s',
    };
    // Of ten requests that a pod may take at a time, seven are meant: that is the target of its concurrency.
    const revision = await served(space.name, 'stands-in', annotations, { containerConcurrency: 10 });
    await using deployment = await api.follow(KINDS.deployment, space.name, `${revision}-deployment`);
    await scaledTo(revision, 2);
    await using load = await Load.on(space.name, revision, { hold: LONG_HOLD });

    await prometheus.goAway();
    load.inFlight(25);
    await podAutoscalerWith(space.name, revision, { type: 'FallbackActive', reason: 'Concurrency' });
    await scaledTo(revision, 4);
    load.inFlight(60);
    await scaledTo(revision, 8);

    exporter.set(series, 78);
    await prometheus.comeBack();
    await podAutoscalerWith(space.name, revision, { type: 'FallbackActive', status: 'False' });
    await sleep(OUTAGE);
    expect(fewestSince(deployment.versions, 8)).toBe(8);
  });
});

test('a revision without pods is woken by its query, and goes back to sleep without it', async () => {
  const servers = JSON.stringify([{ name: 'default', address: prometheus.address, timeout: '2s' }]);
  await configured('config-hpa-bridge', { 'prometheus-servers': servers }, async () => {
    const series = `orders{namespace="${space.name}"}`;
    exporter.set(series, 0);
    const revision = await served(space.name, 'sleeps', {
      query: 'sum(orders{namespace="{{ .namespace }}"})',
      target: '10',
      window: `${WINDOW}s`,
      'hpa-bridge.dev/backend': 'hpa',
      'hpa-bridge.dev/polling-interval': '1s',
      'hpa-bridge.dev/activation-threshold': '2',
    });
    const told = (replicas: number): Promise<void> =>
      eventually(async () => {
        const { spec } = await api.get(KINDS.deployment, space.name, `${revision}-deployment`);
        expect(spec.replicas).toBe(replicas);
      });
    await told(0);
    exporter.set(series, 2);
    await sleep(OUTAGE / 2);
    await told(0);
    exporter.set(series, 25);
    await scaledTo(revision, 3);
    exporter.set(series, 1);
    await told(0);
  });
});
