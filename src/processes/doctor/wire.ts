import { failing, outputOf, TERMINAL, type Line, type Said } from '../../adapters/env/terminal.ts';
import { withCluster } from '../../adapters/env/with-cluster.ts';
import { PrometheusSources } from '../../adapters/prometheus/sources.ts';
import { readTexts } from '../../adapters/prometheus/texts.ts';
import { certificates } from '../../adapters/tls/certificates.ts';
import type { Boot } from '../../domain/config/boot.ts';
import { judge } from '../../domain/doctor/checks.ts';
import { look } from './look.ts';
import { doctorJson, doctorText } from './report.ts';

const USAGE = 2;

/** `hpa-bridge doctor`: says what is wrong with an installation and what to do about it, and changes nothing; the exit code is 1 when something fails. */
export async function runDoctor(
  boot: Boot,
  signal: AbortSignal,
  line: Line,
  say: Said = TERMINAL,
): Promise<number> {
  const output = outputOf(line, ['text', 'json']);
  if (!output.ok) return failing(say, USAGE)(output.error);
  const { systemNamespace: namespace } = boot;
  return withCluster(boot, async ({ api, clock, telemetry, version }) => {
    const { reader, reviews } = api;
    const sources = new PrometheusSources({ read: readTexts(reader, namespace), clock, telemetry, version });
    try {
      const facts = await look(
        {
          ...{ boot, reader, reviews, certificates, clock, sourceOf: sources.of },
          host: api.server,
          ...{ version: api.version, pod: api.pod },
          lease: (name) => api.lease({ namespace, name }),
        },
        signal,
      );
      const findings = judge(facts);
      say.out(output.value === 'json' ? doctorJson(findings, facts.at) : doctorText(findings));
      return findings.some(({ level }) => level === 'fail') ? 1 : 0;
    } finally {
      await sources.close();
    }
  });
}
