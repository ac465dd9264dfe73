import { HttpActivatorMetrics } from '../../adapters/activators/http-activator-metrics.ts';
import { HttpActivatorClient } from '../../adapters/activators/http-activator-client.ts';
import { readBuild } from '../../adapters/env/build.ts';
import { startHttpServer } from '../../adapters/http/server.ts';
import { connect } from '../../adapters/kube/connection.ts';
import { PrometheusSources } from '../../adapters/prometheus/sources.ts';
import { readTexts } from '../../adapters/prometheus/texts.ts';
import { HttpStatSource } from '../../adapters/scrape/stat-source.ts';
import { createLog } from '../../adapters/telemetry/log.ts';
import { createPromTelemetry } from '../../adapters/telemetry/prom.ts';
import { revisionPage } from '../../adapters/telemetry/revision-page.ts';
import { certificates } from '../../adapters/tls/certificates.ts';
import { startTlsServer } from '../../adapters/tls/server.ts';
import { startStatServer } from '../../adapters/websocket/stat-server.ts';
import { systemClock } from '../../adapters/time/system-clock.ts';
import { bucketsOf } from '../../domain/bucket.ts';
import type { Boot } from '../../domain/config/boot.ts';
import type { BridgeEvent } from '../../domain/event.ts';
import { WEBHOOK_CONFIGURATION } from '../../domain/admission/webhooks.ts';
import { API_SERVICE } from '../../domain/external-metrics/discovery.ts';
import { keyOf, type Key } from '../../domain/key.ts';
import { REVISION_METRICS } from '../../domain/revision-metrics/table.ts';
import { minutes, ms, seconds } from '../../domain/time.ts';
import { EventAggregator } from '../../engine/event-aggregator.ts';
import { Leadership } from '../../engine/leadership.ts';
import { untilQuiet } from '../../engine/until-quiet.ts';
import { stopInOrder } from '../../engine/stop.ts';
import type { LeaseStore } from '../../ports/lease.ts';
import type { Recorder } from '../../ports/recorder.ts';
import { startAdmission } from './admission/wire.ts';
import { buildController } from './controller.ts';
import { buildExternalMetrics } from './external-metrics/external-metrics.ts';
import { startKedaScaler } from './keda-scaler/wire.ts';
import { decisionPages } from './decisions/documents.ts';
import { Measurer } from './measure/measurer.ts';
import { upstreamHolds } from './upstream-holder.ts';

/** Whoever leads for it sees to external metrics, the Secret with their certificate included. */
const API_SERVICE_KEY = keyOf('', API_SERVICE);

/** And for this one, to the webhook. */
const WEBHOOK_KEY = keyOf('', WEBHOOK_CONFIGURATION);

/** Within the 5 s that a stop may take, with room for the process itself to end. */
const STOP_WITHIN = seconds(4);

/**
 * Runs the controller until the signal aborts: takes no more work, finishes the writes in flight, gives the lease back. Rejects with one
 * sentence when it cannot start (no cluster described, the port taken).
 */
export async function runController(boot: Boot, signal: AbortSignal): Promise<void> {
  const build = readBuild();
  const clock = systemClock;
  const random = Math.random;
  const log = createLog({ level: boot.logLevel, format: boot.logFormat }).with({ process: 'controller' });
  const telemetry = createPromTelemetry();
  telemetry.set('hpa_bridge_build_info', { ...build }, 1);
  const api = await connect({
    source: { path: boot.kubeconfig, env: process.env },
    clock,
    log,
    telemetry,
    version: build.version,
    limit: { perSecond: boot.kubeQps, burst: boot.kubeBurst },
    instance: boot.identity,
    // A write that we began as the leader must have ended before another can lead.
    deadlines: { write: ms(boot.leaseDuration - boot.renewDeadline) },
  });
  log.info('starting', { version: build.version, address: api.server, lease: boot.leaseNames.join(' ') });

  const events = new EventAggregator({ sink: api.events, clock, telemetry, log });
  const decisionEvents = new EventAggregator({
    ...{ sink: api.events, clock, telemetry, log },
    rate: { burst: 5, every: minutes(1) },
    memory: 10_000,
    backlog: 200,
  });
  const leasesOf = (names: readonly string[]): readonly LeaseStore[] =>
    names.map((name) => api.lease({ namespace: boot.systemNamespace, name }));
  const leadership = new Leadership({
    leases: leasesOf(boot.leaseNames),
    bucketOf: bucketsOf(boot.leaseNames),
    terms: boot,
    clock,
    random,
    telemetry,
    log,
    onHolder: (lease, holder) => upstreamHolds(holder, { log, lease, namespace: boot.systemNamespace }),
  });
  const leads = (key: Key): boolean => leadership.isOpen(key);
  const read = readTexts(api.reader, boot.systemNamespace);
  const sources = new PrometheusSources({
    read,
    clock,
    telemetry,
    version: build.version,
  });
  const stats = new HttpStatSource({ clock, version: build.version });
  const shared = {
    boot,
    reader: api.reader,
    clock,
    random,
    telemetry,
    log,
  };
  const controller = buildController({
    ...shared,
    gate: leadership,
    writer: (key) => api.writer({ mayWrite: () => leads(key) }),
    // Every replica comes to the same conclusions; one of them says so.
    recorder: spoken(events, ({ about }) => leads(about.key)),
    decisionRecorder: spoken(decisionEvents, ({ about }) => leads(about.key)),
    measurer: (onAnswer) => new Measurer({ sourceOf: sources.of, clock, random, telemetry, log, onAnswer }),
    stats,
    activatorClient: new HttpActivatorClient(),
    activatorMetrics: new HttpActivatorMetrics(),
    externalMetrics: () => external.claim() ?? { state: 'unclaimed' },
  });
  leadership.onChange(controller.lead);
  const external = buildExternalMetrics({
    ...shared,
    gate: leadership.of(API_SERVICE_KEY),
    writer: api.writer({ mayWrite: () => leads(API_SERVICE_KEY) }),
    recorder: spoken(events, () => leads(API_SERVICE_KEY)),
    reviews: api.reviews,
    certificates,
    teller: controller.teller,
    wanted: () => controller.config().bridge.externalMetrics === 'auto',
    kedaServed: controller.kedaServed,
  });
  external.onClaim(controller.replan);
  const http = await startHttpServer({
    address: boot.bindAddress,
    port: boot.httpPort,
    missing: controller.missing,
    details: external.details,
    metrics: {
      contentType: telemetry.contentType,
      render: () => telemetry.render(),
      more: () => revisionPage(REVISION_METRICS, controller.revisionSeries(), clock),
    },
    documents: decisionPages(controller.decisions),
  });
  log.info('listening', { address: boot.bindAddress, port: http.port });
  const tls =
    boot.externalMetricsPort === undefined
      ? undefined
      : await startTlsServer({
          address: boot.bindAddress,
          port: boot.externalMetricsPort,
          answer: external.answer,
        });
  if (tls !== undefined)
    log.info('listening for external metrics', { address: boot.bindAddress, port: tls.port });
  const admission = await startAdmission({
    ...shared,
    gate: leadership.of(WEBHOOK_KEY),
    writer: api.writer({ mayWrite: () => leads(WEBHOOK_KEY) }),
    recorder: spoken(events, () => leads(WEBHOOK_KEY)),
    sourceOf: sources.of,
    cluster: () =>
      controller.missing().length > 0
        ? undefined
        : {
            classes: new Set(boot.classes),
            config: controller.config(),
            kedaServed: controller.kedaServed(),
          },
  });
  const keda = await startKedaScaler({ boot, teller: controller.teller, read, clock, telemetry, log });
  const pushed =
    boot.statPort === undefined
      ? undefined
      : await startStatServer({
          ...{ address: boot.bindAddress, port: boot.statPort, receiver: controller.receiver },
          ...{ telemetry, log },
        });
  if (pushed !== undefined)
    log.info('listening for statistics', { address: boot.bindAddress, port: pushed.port });

  const working = controller.run(signal);
  const serving = external.run(tls, signal);
  const admitting = admission.run(signal);
  const stopElection = new AbortController();
  const electing = controller
    .synced(signal)
    .then(() => untilQuiet(leasesOf(boot.otherLeaseNames), { terms: boot, clock, log }, stopElection.signal))
    .then(() => leadership.run(stopElection.signal));
  const aborted = new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
  await Promise.race([working, aborted]);
  const steps = [
    { name: 'workers', stop: () => working },
    { name: 'external metrics', stop: () => serving },
    { name: 'admission', stop: () => admitting },
    { name: 'events', stop: () => events.idle() },
    { name: 'decision events', stop: () => decisionEvents.idle() },
    {
      name: 'election',
      onlyAfterClean: true,
      stop: () => {
        stopElection.abort(new Error('stopping'));
        return electing;
      },
    },
    { name: 'webhook', stop: () => admission.close() },
    { name: 'keda-scaler', stop: () => keda.close() },
    { name: 'statistics', stop: () => pushed?.close() ?? Promise.resolve() },
    { name: 'scrape', stop: () => stats.close() },
    { name: 'prometheus', stop: () => sources.close() },
    { name: 'http', stop: () => http.close() },
    { name: 'tls', stop: () => tls?.close() ?? Promise.resolve() },
    { name: 'api', stop: () => api.close() },
  ];
  await stopInOrder(steps, { clock, deadline: STOP_WITHIN, log });
  telemetry.close();
  log.info('stopped');
}

/** Publishes those events that we are to speak of. */
const spoken = (recorder: Recorder, mine: (event: BridgeEvent) => boolean): Recorder => ({
  publish: (event) => (mine(event) ? recorder.publish(event) : undefined),
});
