import type { Boot } from '../../domain/config/boot.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Telemetry } from '../../ports/telemetry.ts';
import { connect, type KubeApi } from '../kube/connection.ts';
import { createLog } from '../telemetry/log.ts';
import { createPromTelemetry } from '../telemetry/prom.ts';
import { systemClock } from '../time/system-clock.ts';
import { readBuild } from './build.ts';

/** What a command works with that asks a cluster. */
export interface Connected {
  readonly api: KubeApi;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
  /** Our own version, for User-Agent. */
  readonly version: string;
}

/** Asks the cluster of the settings with the rights of who runs the command, until `use` is done. Throws `config_invalid` when no cluster is described. */
export async function withCluster<T>(boot: Boot, use: (connected: Connected) => Promise<T>): Promise<T> {
  const telemetry = createPromTelemetry();
  const { version } = readBuild();
  try {
    const api = await connect({
      source: { path: boot.kubeconfig, env: process.env },
      clock: systemClock,
      log: createLog({ level: boot.logLevel, format: boot.logFormat }),
      telemetry,
      version,
    });
    try {
      return await use({ api, clock: systemClock, telemetry, version });
    } finally {
      await api.close();
    }
  } finally {
    telemetry.close();
  }
}
