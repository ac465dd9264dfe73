import { CONFIG_MAPS } from '../../domain/config/config-maps.ts';
import { LIVE_DEFAULTS, type LiveConfig } from '../../domain/config/live.ts';
import type { PrometheusServer } from '../../domain/config/prometheus-servers.ts';
import { FaultError } from '../../domain/fault.ts';
import { configMapView } from '../../domain/k8s/read/config-map.ts';
import { podAutoscalerView, type PodAutoscaler } from '../../domain/k8s/read/pod-autoscaler.ts';
import { revisionView } from '../../domain/k8s/read/revision.ts';
import { readThrough } from '../../domain/k8s/read/view.ts';
import { controllerOf } from '../../domain/k8s/meta.ts';
import { RESOURCES } from '../../domain/k8s/resources.ts';
import { keyOf, namespaceOf, type Key } from '../../domain/key.ts';
import { intentOf } from '../../domain/plan/intent-of.ts';
import type { Intent, Signal } from '../../domain/plan/intent.ts';
import { questionOf, type PlannedQuestion } from '../../domain/plan/question.ts';
import { NOTHING_AROUND, type World } from '../../domain/plan/world.ts';
import { serverAt, serverOf } from '../../domain/prometheus/choose-server.ts';
import { ADDRESS_EXPECTS, isPrometheusAddress, shownAddress } from '../../domain/prometheus-address.ts';
import type { Result } from '../../domain/result.ts';
import type { Fault } from '../../domain/fault.ts';
import { unlessAbsent } from '../../engine/unless-absent.ts';
import type { Clock } from '../../ports/clock.ts';
import type { KubeReader } from '../../ports/kube.ts';
import type { MetricSource } from '../../ports/metric-source.ts';
import type { Report } from './report.ts';

export interface QueryParts {
  readonly reader: KubeReader;
  readonly clock: Clock;
  readonly systemNamespace: string;
  readonly sourceOf: (server: PrometheusServer) => MetricSource;
}

export interface QueryAsked {
  readonly key: Key;
  /** Asked instead of the server that the revision would be measured by. */
  readonly url: string | undefined;
}

/** Asks what the planner would have asked for this revision. Throws `FaultError` with one sentence when there is nothing to ask. */
export async function queryRevision(
  parts: QueryParts,
  asked: QueryAsked,
  signal: AbortSignal,
): Promise<Report> {
  const world = await worldOf(parts, asked.key, signal);
  const intended = intentOf(world);
  if (!intended.ok)
    throw refused(
      intended.error
        .filter(({ effect }) => effect === 'refused')
        .map(({ message }) => message)
        .join(' '),
    );
  const { intent } = intended.value;
  const question = questionIn(world, intent, asked.url);
  const answer = await parts.sourceOf(question.server).ask({ query: question.query }, signal);
  return { ...question, revision: asked.key, answer, now: parts.clock.now() };
}

const refused = (message: string): FaultError => new FaultError({ code: 'annotation_invalid', message });

const INSTEAD: Readonly<Record<Exclude<Signal['from'], 'query'>, string>> = {
  resource: 'cpu or memory',
  triggers: 'triggers that only KEDA knows',
  concurrency: 'concurrency',
  rps: 'requests per second',
};

function questionIn({ key, pa }: World, intent: Intent, url: string | undefined): PlannedQuestion {
  const { signal } = intent;
  if (signal.from !== 'query')
    throw refused(`${key} scales by ${INSTEAD[signal.from]} and not by a query: there is nothing to ask.`);
  return questionOf(intent, signal, chosenServer(intent, url), pa.status.actualScale ?? 0);
}

function chosenServer({ settings, config }: Intent, url: string | undefined): PrometheusServer {
  if (url !== undefined) {
    if (!isPrometheusAddress(url))
      throw refused(`--url is ${shownAddress(url)}: expected ${ADDRESS_EXPECTS}.`);
    return serverAt(url, config.bridge.prometheusServers);
  }
  const chosen = serverOf(settings, config);
  if (!chosen.ok) throw refused(chosen.error);
  return chosen.value;
}

async function worldOf(parts: QueryParts, key: Key, signal: AbortSignal): Promise<World> {
  const { reader, clock } = parts;
  const [pa, revision, config, kedaServed] = await Promise.all([
    readPodAutoscaler(reader, key, signal),
    unlessAbsent(reader.get(RESOURCES.Revision, key, signal)),
    readConfig(parts, signal),
    reader.served(RESOURCES.ScaledObject, signal),
  ]);
  const read =
    revision === undefined ? undefined : taken(readThrough(revisionView)(revision), `The Revision ${key}`);
  return {
    key,
    at: clock.now(),
    pa,
    revision: read?.metadata.uid === controllerOf(pa.metadata)?.uid ? read : undefined,
    config,
    kedaServed,
    ...NOTHING_AROUND,
  };
}

function taken<T>(read: Result<T, Fault>, what: string): T {
  if (read.ok) return read.value;
  throw new FaultError({ ...read.error, message: `${what} cannot be read: ${read.error.message}.` });
}

async function readPodAutoscaler(reader: KubeReader, key: Key, signal: AbortSignal): Promise<PodAutoscaler> {
  const found = await unlessAbsent(reader.get(RESOURCES.PodAutoscaler, key, signal));
  if (found !== undefined) return taken(readThrough(podAutoscalerView)(found), `The PodAutoscaler ${key}`);
  const { items } = await reader.list(
    { resource: RESOURCES.PodAutoscaler, namespace: namespaceOf(key) },
    { limit: 6 },
    signal,
  );
  const names = items.slice(0, 5).map(({ metadata }) => metadata.name);
  const there =
    names.length === 0
      ? 'that namespace has none'
      : `there is ${names.join(', ')}${items.length > 5 ? ', …' : ''}`;
  throw new FaultError({
    code: 'not_found',
    message: `There is no revision ${key} with a PodAutoscaler: ${there}.`,
  });
}

/** The ConfigMaps as they are; the controller keeps the last good one where this fails. */
async function readConfig({ reader, systemNamespace }: QueryParts, signal: AbortSignal): Promise<LiveConfig> {
  const found = await Promise.all(
    Object.entries(CONFIG_MAPS).map(async ([name, row]) => {
      const object = await unlessAbsent(
        reader.get(RESOURCES.ConfigMap, keyOf(systemNamespace, name), signal),
      );
      const data =
        object === undefined ? {} : taken(readThrough(configMapView)(object), `The ConfigMap ${name}`).data;
      return { name, take: (config: LiveConfig) => row.take(config, data) };
    }),
  );
  return found.reduce((config, { name, take }) => {
    const read = take(config);
    if (read.ok) return read.value;
    throw new FaultError({
      code: 'config_invalid',
      message: `The ConfigMap ${systemNamespace}/${name} is refused: ${read.error}`,
    });
  }, LIVE_DEFAULTS);
}
