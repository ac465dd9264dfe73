import { revisionLine } from '../../adapters/env/revision-line.ts';
import { failing, TERMINAL, type Line, type Said } from '../../adapters/env/terminal.ts';
import { withCluster } from '../../adapters/env/with-cluster.ts';
import { PrometheusSources } from '../../adapters/prometheus/sources.ts';
import { readTexts } from '../../adapters/prometheus/texts.ts';
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
  const fail = failing(say, 1);
  const asked = revisionLine(line);
  if (!asked.ok) return fail(asked.error);
  const { key, output, url } = asked.value;
  const { systemNamespace } = boot;
  return withCluster(boot, async ({ api: { reader }, clock, telemetry, version }) => {
    const read = readTexts(reader, systemNamespace);
    const sources = new PrometheusSources({ read, clock, telemetry, version });
    try {
      const parts = { reader, clock, systemNamespace, sourceOf: sources.of };
      const report = await queryRevision(parts, { key, url }, signal);
      say.out(output === 'json' ? reportJson(report) : reportText(report));
      const problem = problemOf(report);
      return problem === undefined ? 0 : fail(problem);
    } finally {
      await sources.close();
    }
  });
}
