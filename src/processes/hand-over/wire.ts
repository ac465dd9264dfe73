import { readBuild } from '../../adapters/env/build.ts';
import { TERMINAL, type Line, type Said } from '../../adapters/env/terminal.ts';
import { connect } from '../../adapters/kube/connection.ts';
import { createLog } from '../../adapters/telemetry/log.ts';
import { createPromTelemetry } from '../../adapters/telemetry/prom.ts';
import { systemClock } from '../../adapters/time/system-clock.ts';
import type { Boot } from '../../domain/config/boot.ts';
import { keyOf } from '../../domain/key.ts';
import { err, ok, type Result } from '../../domain/result.ts';
import type { Keeper } from '../../domain/k8s/knative-services.ts';
import { handOver, type HandOver } from './hand-over.ts';

/** Reads `[REVISION...]`, `--namespace`, `--all` and `--dry-run`. The error is what is wrong, without a full stop. */
export function handOverLine(to: Keeper, { arguments: names, options }: Line): Result<HandOver, string> {
  const { namespace, all, dryRun = false } = options;
  const given = typeof namespace === 'string' ? namespace : undefined;
  const common = { to, namespace: given, dryRun: dryRun === true };
  if (all === true && names.length > 0) return err('expected REVISION or --all, and not both');
  if (all === true) return ok({ ...common, revisions: undefined });
  if (names.length === 0) return err('expected REVISION or --all, for example shop-00001');
  return ok({ ...common, revisions: names.map((name) => keyOf(given ?? 'default', name)) });
}

/** `hpa-bridge adopt` and `hpa-bridge handback`: with the user's own rights; the exit code is 0 when all that was asked for is done. */
export const runHandOver =
  (to: Keeper) =>
  async (boot: Boot, signal: AbortSignal, line: Line, say: Said = TERMINAL): Promise<number> => {
    const asked = handOverLine(to, line);
    if (!asked.ok) {
      say.problem(`hpa-bridge: ${asked.error}\n`);
      return 1;
    }
    const telemetry = createPromTelemetry();
    const api = await connect({
      source: { path: boot.kubeconfig, env: process.env },
      clock: systemClock,
      log: createLog({ level: boot.logLevel, format: boot.logFormat }),
      telemetry,
      version: readBuild().version,
    });
    try {
      const parts = {
        reader: api.reader,
        writer: api.writer({ mayWrite: () => true }),
        classes: new Set(boot.classes),
        clock: systemClock,
        say: (text: string) => say.out(`${text}\n`),
      };
      return (await handOver(parts, asked.value, signal)) ? 0 : 1;
    } finally {
      telemetry.close();
      await api.close();
    }
  };
