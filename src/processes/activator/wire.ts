import { readBuild } from '../../adapters/env/build.ts';
import { clusterDomain } from '../../adapters/env/cluster-domain.ts';
import { weighBuffersWithTheHeap } from '../../adapters/env/external-memory.ts';
import { startHttpServer } from '../../adapters/http/server.ts';
import { connect } from '../../adapters/kube/connection.ts';
import { podProbe } from '../../adapters/probe/pod-probe.ts';
import { startProxy } from '../../adapters/proxy/proxy.ts';
import { createLog } from '../../adapters/telemetry/log.ts';
import { createPromTelemetry } from '../../adapters/telemetry/prom.ts';
import { revisionPage } from '../../adapters/telemetry/revision-page.ts';
import { systemClock } from '../../adapters/time/system-clock.ts';
import { statDialer } from '../../adapters/websocket/stat-dialer.ts';
import type { Boot } from '../../domain/config/boot.ts';
import { keyOf } from '../../domain/key.ts';
import { ok } from '../../domain/result.ts';
import { HELD_REVISION_METRICS } from '../../domain/revision-metrics/table.ts';
import { ms, seconds } from '../../domain/time.ts';
import { stopInOrder } from '../../engine/stop.ts';
import { TimerWheel } from '../../engine/timer-wheel.ts';
import { accounts } from './accounts.ts';
import { buildActivator } from './activator.ts';

/** How exactly deadlines of requests are kept. */
const ALARM_TICK = ms(50);
/** For what is to be ended when no request is left. */
const STOP_WITHIN = seconds(4);

/** What an activator is unready for. */
const MISSING = { serving: [], leaving: ['its end, it is leaving'] } as const;

/**
 * Runs the activator until the signal aborts: it is unready at once, takes requests for a while all the same, and ends when those are
 * answered. Rejects with one sentence when it cannot start (no cluster described, a port taken).
 */
export async function runActivator(boot: Boot, signal: AbortSignal): Promise<void> {
  weighBuffersWithTheHeap();
  const build = readBuild();
  const clock = systemClock;
  const log = createLog({ level: boot.logLevel, format: boot.logFormat }).with({ process: 'activator' });
  const telemetry = createPromTelemetry();
  telemetry.set('hpa_bridge_build_info', { ...build }, 1);
  telemetry.set('hpa_bridge_cold_start_objective_seconds', {}, boot.coldStartObjective / 1000);
  const podName = boot.podName ?? boot.identity;
  const api = await connect({
    source: { path: boot.kubeconfig, env: process.env },
    clock,
    log,
    telemetry,
    version: build.version,
    limit: { perSecond: boot.kubeQps, burst: boot.kubeBurst },
    instance: boot.identity,
  });
  log.info('starting', { version: build.version, address: api.server });

  const activator = buildActivator({
    boot,
    podName,
    reader: api.reader,
    // Every activator wakes what its requests are for; the version of the Deployment is the lock between them.
    writer: api.writer({ mayWrite: () => true }),
    probe: podProbe(),
    dialer: statDialer(clock),
    clock,
    random: Math.random,
    telemetry,
    log,
  });
  const { throttler } = activator;
  let standing: 'starting' | 'serving' | 'leaving' = 'starting';
  // Asked for each request.
  const missing = (): readonly string[] =>
    standing === 'starting' ? [...activator.missing(), 'the ports of requests'] : MISSING[standing];
  const http = await startHttpServer({
    address: boot.bindAddress,
    port: boot.httpPort,
    missing,
    metrics: {
      contentType: telemetry.contentType,
      render: () => telemetry.render(),
      more: () => revisionPage(HELD_REVISION_METRICS, throttler.series(), clock),
    },
    // Answered also while leaving: requests may still be under way.
    anytime: {
      '/in-flight/:namespace/:revision': ({ namespace = '', revision = '' }) =>
        ok({ inFlight: throttler.inFlight(keyOf(namespace, revision)) }),
    },
  });
  log.info('listening', { address: boot.bindAddress, port: http.port });

  const end = new AbortController();
  const aborted = new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
  const working = activator.run(end.signal);
  await activator.synced(signal);
  signal.throwIfAborted();
  const proxy = await startProxy({
    throttler,
    clock,
    alarms: new TimerWheel(clock, ALARM_TICK),
    address: boot.bindAddress,
    ports: [boot.proxyHttpPort, boot.proxyH2cPort],
    tlsPort: boot.proxyTlsPort,
    podAuthorities: activator.tls.authorities,
    self: () => ({ missing: missing(), name: podName }),
    clusterDomain: boot.clusterDomain ?? clusterDomain(),
    onAccess: accounts({ telemetry, log }),
  });
  activator.tls.onCertificate((certificate) => {
    try {
      proxy.show(certificate);
    } catch {
      // Its own words may quote the key.
      log.warn('certificate refused', {
        resource: 'routing-serving-certs',
        detail: 'tls.crt and tls.key are no pair',
      });
    }
  });
  standing = 'serving';
  for (const port of proxy.ports) log.info('listening for requests', { address: boot.bindAddress, port });

  await Promise.race([working, aborted]);
  standing = 'leaving';
  log.info('leaving', { ms: boot.lameDuck });
  await clock.sleep(boot.lameDuck);
  await stopInOrder([{ name: 'requests', stop: () => proxy.close() }], {
    clock,
    deadline: boot.drainTimeout,
    log,
  });
  const steps = [
    {
      name: 'caches',
      stop: () => {
        end.abort(new Error('stopping'));
        return working;
      },
    },
    { name: 'http', stop: () => http.close() },
    { name: 'api', stop: () => api.close() },
  ];
  await stopInOrder(steps, { clock, deadline: STOP_WITHIN, log });
  telemetry.close();
  log.info('stopped');
}
