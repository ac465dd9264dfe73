import { readBuild } from '../../adapters/env/build.ts';
import { revisionLine } from '../../adapters/env/revision-line.ts';
import { TERMINAL, type Line, type Said } from '../../adapters/env/terminal.ts';
import { connect } from '../../adapters/kube/connection.ts';
import { PrometheusSource } from '../../adapters/prometheus/metric-source.ts';
import { readTexts } from '../../adapters/prometheus/texts.ts';
import { createLog } from '../../adapters/telemetry/log.ts';
import { createPromTelemetry } from '../../adapters/telemetry/prom.ts';
import { systemClock } from '../../adapters/time/system-clock.ts';
import type { Boot } from '../../domain/config/boot.ts';
import { queryRevision } from './query.ts';
import { problemOf, reportJson, reportText } from './report.ts';

/** `hpa-bridge query NAMESPACE/REVISION`: prints what came of the query; the exit code is 0 when that is a number. */
export async function runQuery(
  boot: Boot,
  signal: AbortSignal,
  line: Line,
  say: Said = TERMINAL,
): Promise<number> {
  const fail = (sentence: string): number => {
    say.problem(`hpa-bridge: ${sentence}\n`);
    return 1;
  };
  const asked = revisionLine(line);
  if (!asked.ok) return fail(asked.error);
  const { key, output, url } = asked.value;
  const { version } = readBuild();
  const clock = systemClock;
  const telemetry = createPromTelemetry();
  const log = createLog({ level: boot.logLevel, format: boot.logFormat });
  const api = await connect({
    source: { path: boot.kubeconfig, env: process.env },
    clock,
    log,
    telemetry,
    version,
  });
  const sources: PrometheusSource[] = [];
  try {
    const read = readTexts(api.reader, boot.systemNamespace);
    const report = await queryRevision(
      {
        reader: api.reader,
        clock,
        systemNamespace: boot.systemNamespace,
        sourceOf: (server) => {
          const source = new PrometheusSource({ server, read, clock, telemetry, version });
          sources.push(source);
          return source;
        },
      },
      { key, url },
      signal,
    );
    say.out(output === 'json' ? reportJson(report) : reportText(report));
    const problem = problemOf(report);
    return problem === undefined ? 0 : fail(problem);
  } finally {
    for (const source of sources) source.close();
    telemetry.close();
    await api.close();
  }
}
