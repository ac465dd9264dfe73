import { readBuild } from '../../adapters/env/build.ts';
import { startHttpServer } from '../../adapters/http/server.ts';
import { connect } from '../../adapters/kube/connection.ts';
import { createLog } from '../../adapters/telemetry/log.ts';
import { createPromTelemetry } from '../../adapters/telemetry/prom.ts';
import { systemClock } from '../../adapters/time/system-clock.ts';
import type { Boot } from '../../domain/config/boot.ts';
import { Elector } from '../../engine/elect.ts';
import { buildController } from './controller.ts';

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
  });
  log.info('starting', { version: build.version, address: api.server, lease: boot.leaseName });

  const lease = api.lease({ namespace: boot.systemNamespace, name: boot.leaseName });
  const elector = new Elector({ lease, terms: boot, clock, random, telemetry, log });
  const writer = api.writer({ mayWrite: () => elector.isLeading() });
  const controller = buildController({
    boot,
    recorder: {
      publish: (event) =>
        log.info('event', { key: event.about.key, reason: event.reason, detail: event.message }),
    },
    reader: api.reader,
    writer,
    gate: elector,
    clock,
    random,
    telemetry,
    log,
  });
  const http = await startHttpServer({
    address: boot.bindAddress,
    port: boot.httpPort,
    missing: controller.missing,
    metrics: telemetry,
  });
  log.info('listening', { address: boot.bindAddress, count: http.port });

  // Order of the end: no more work is taken, writes in flight finish, and only then somebody else may lead.
  const idle = new AbortController();
  const elected = controller.synced(signal).then(() => elector.run(idle.signal));
  try {
    await controller.run(signal);
  } finally {
    idle.abort(new Error('stopping'));
    await elected;
    await http.close();
    await api.close();
    telemetry.close();
    log.info('stopped', {});
  }
}
