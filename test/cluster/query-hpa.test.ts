import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { eventually } from './api.ts';
import { applyAll, installAsPods, uninstallPods } from './bridge.ts';
import { externalApiAvailable, freeExternalApi } from './external-api.ts';
import { template } from './helm.ts';
import { KINDS, type Deployment } from './kinds.ts';
import { api, SYSTEM } from './lab.ts';
import { Load, LONG_HOLD } from './load.ts';
import { Places } from './places.ts';
import { conditionOf, podAutoscalerWith, served, type Annotations } from './serving.ts';

/** Seconds; the shortest that Knative allows, for the HPA's behavior and for ours. */
const WINDOW = 6;
/** How long nothing may fall while Prometheus is away: several windows, and many looks of the HPA. */
const OUTAGE = 4 * WINDOW * 1000;

type Case = 'wave' | 'stands-in' | 'sleeps';

let places: Places<Case>;
let freed: AsyncDisposable;
beforeAll(async () => {
  freed = await freeExternalApi();
  places = await Places.start<Case>(['wave', 'stands-in', 'sleeps']);
  // An owner who says that the API is ours: by itself, the bridge would leave it to KEDA for two minutes.
  const whole = await template({ externalMetrics: { mode: 'on' } });
  await applyAll(whole.filter(({ kind }) => kind === 'APIService'));
  await installAsPods();
  await setServers(places.servers);
  await externalApiAvailable();
});
afterAll(async () => {
  await places[Symbol.asyncDispose]();
  await setServers(null);
  await uninstallPods();
  await freed[Symbol.asyncDispose]();
});

const setServers = (servers: string | null): Promise<unknown> =>
  api.patch(KINDS.configMap, SYSTEM, 'config-hpa-bridge', { data: { 'prometheus-servers': servers } });

/** A revision of the HPA backend that is scaled by the sum of the series of its case, asked of its Prometheus each second. */
const queried = (
  name: Case,
  annotations: Annotations,
  spec: Readonly<Record<string, unknown>> = {},
): Promise<string> =>
  served(
    places.at(name).space,
    name,
    {
      query: 'sum(load{namespace="{{ .namespace }}"})',
      'hpa-bridge.dev/backend': 'hpa',
      'hpa-bridge.dev/prometheus': name,
      'hpa-bridge.dev/polling-interval': '1s',
      ...annotations,
    },
    spec,
  );

/** What the query of the case comes to from now on. */
const loadIs = (name: Case, value: number): void => places.at(name).set('load', value);

/** Waits until the revision is told to have, and has, so many pods. */
const scaledTo = (space: string, revision: string, replicas: number): Promise<void> =>
  eventually(async () => {
    const { spec, status } = await api.get(KINDS.deployment, space, `${revision}-deployment`);
    expect([spec.replicas, status?.readyReplicas ?? 0]).toEqual([replicas, replicas]);
  });

/** The fewest pods that the Deployment was told to have after it was told to have so many. */
function fewestSince(versions: readonly Deployment[], replicas: number): number {
  const told = versions.map(({ spec }) => spec.replicas ?? 1);
  return Math.min(...told.slice(told.indexOf(replicas)));
}

test.concurrent(
  'an HPA scales from 1 to N and back by a query; while Prometheus is away nothing falls, and after it not before a whole window',
  async () => {
    const { space, prometheus } = places.at('wave');
    loadIs('wave', 0);
    const revision = await queried('wave', {
      target: '2.5',
      'min-scale': '1',
      'max-scale': '6',
      window: `${WINDOW}s`,
      'hpa-bridge.dev/stale-after': '5s',
    });
    await using deployment = await api.follow(KINDS.deployment, space, `${revision}-deployment`);
    await podAutoscalerWith(space, revision, { type: 'SignalAvailable', status: 'True' });

    loadIs('wave', 11);
    await scaledTo(space, revision, 5);
    const { spec } = await api.get(KINDS.hpa, space, revision);
    expect(spec.metrics).toMatchObject([
      { type: 'External', external: { target: { type: 'AverageValue', averageValue: '2500m' } } },
    ]);

    await prometheus.goAway();
    loadIs('wave', 0);
    await podAutoscalerWith(space, revision, { type: 'SignalAvailable', status: 'False' });
    // Nothing is in flight at its pods, and what asks for fewer of them lowers nothing.
    await podAutoscalerWith(space, revision, {
      type: 'FallbackActive',
      status: 'True',
      reason: 'Concurrency',
    });
    await sleep(OUTAGE);
    expect(fewestSince(deployment.versions, 5)).toBe(5);

    await prometheus.comeBack();
    const back = await podAutoscalerWith(space, revision, { type: 'SignalAvailable', status: 'True' });
    await scaledTo(space, revision, 1);
    const since = Date.parse(conditionOf(back, 'SignalAvailable')!.lastTransitionTime!);
    const { status } = await api.get(KINDS.hpa, space, revision);
    // Both are written in whole seconds.
    expect(Date.parse(status!.lastScaleTime!)).toBeGreaterThanOrEqual(since + (WINDOW - 1) * 1000);
    const pa = await api.get(KINDS.podAutoscaler, space, revision);
    expect(conditionOf(pa, 'FallbackActive')).toMatchObject({ status: 'False' });
    expect(conditionOf(pa, 'Ready')).toMatchObject({ status: 'True' });
  },
);

test.concurrent(
  'while Prometheus is away the requests at the pods count in its place, and once it is back its query does, without a dip',
  async () => {
    const { space, prometheus } = places.at('stands-in');
    loadIs('stands-in', 15);
    const annotations = {
      target: '10',
      'min-scale': '1',
      'max-scale': '8',
      window: `${2 * WINDOW}s`,
      'hpa-bridge.dev/stale-after': '0s',
    };
    // Of ten requests that a pod may take at a time, seven are meant: that is the target of its concurrency.
    const revision = await queried('stands-in', annotations, { containerConcurrency: 10 });
    await using deployment = await api.follow(KINDS.deployment, space, `${revision}-deployment`);
    await scaledTo(space, revision, 2);
    await using load = await Load.on(space, revision, { hold: LONG_HOLD });

    await prometheus.goAway();
    load.inFlight(25);
    await podAutoscalerWith(space, revision, { type: 'FallbackActive', reason: 'Concurrency' });
    await scaledTo(space, revision, 4);
    load.inFlight(60);
    await scaledTo(space, revision, 8);

    loadIs('stands-in', 78);
    await prometheus.comeBack();
    await podAutoscalerWith(space, revision, { type: 'FallbackActive', status: 'False' });
    await sleep(OUTAGE);
    expect(fewestSince(deployment.versions, 8)).toBe(8);
  },
);

test.concurrent(
  'a revision without pods is woken by its query, and goes back to sleep without it',
  async () => {
    const { space } = places.at('sleeps');
    loadIs('sleeps', 0);
    const revision = await queried('sleeps', {
      target: '10',
      window: `${WINDOW}s`,
      'hpa-bridge.dev/activation-threshold': '2',
    });
    const told = (replicas: number): Promise<void> =>
      eventually(async () => {
        const { spec } = await api.get(KINDS.deployment, space, `${revision}-deployment`);
        expect(spec.replicas).toBe(replicas);
      });
    await told(0);
    loadIs('sleeps', 2);
    await sleep(OUTAGE / 2);
    await told(0);
    loadIs('sleeps', 25);
    await scaledTo(space, revision, 3);
    loadIs('sleeps', 1);
    await told(0);
  },
);
