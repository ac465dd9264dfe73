import { readBuild } from '../../adapters/env/build.ts';
import { revisionLine } from '../../adapters/env/revision-line.ts';
import { TERMINAL, type Line, type Said } from '../../adapters/env/terminal.ts';
import { httpGet } from '../../adapters/http/get.ts';
import { connect } from '../../adapters/kube/connection.ts';
import { createLog } from '../../adapters/telemetry/log.ts';
import { createPromTelemetry } from '../../adapters/telemetry/prom.ts';
import { systemClock } from '../../adapters/time/system-clock.ts';
import type { Boot } from '../../domain/config/boot.ts';
import type { Key } from '../../domain/key.ts';
import { isPrometheusAddress, shownAddress } from '../../domain/prometheus-address.ts';
import { askDecisions, type Askable } from './ask.ts';
import { explainOn, explainOnce, type ExplainParts } from './explain.ts';
import { findReplicas } from './find.ts';

const URL_EXPECTS = 'an http or https URL with a host and without query, for example http://127.0.0.1:8080';

/** `hpa-bridge explain NAMESPACE/REVISION`: says why the revision has the pods that it has; the exit code is 0 when that is known. */
export async function runExplain(
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
  if (url !== undefined && !isPrometheusAddress(url))
    return fail(`--url is ${shownAddress(url)}: expected ${URL_EXPECTS}`);
  const common = { output, say, clock: systemClock } satisfies Omit<ExplainParts, 'ask'>;
  const explain = line.options['watch'] === true ? explainOn : explainOnce;
  if (url !== undefined) {
    const one: Askable = { name: url, get: httpGet(url.replace(/\/+$/, '')) };
    await explain({ ...common, ask: (until) => askDecisions([one], key, until) }, signal);
  } else {
    await throughCluster(boot, key, (ask) => explain({ ...common, ask }, signal));
  }
  return 0;
}

/** Asks the replicas, whoever leads for the revision before the others, through the API server and with the user's own rights. */
async function throughCluster(
  boot: Boot,
  key: Key,
  use: (ask: ExplainParts['ask']) => Promise<void>,
): Promise<void> {
  const telemetry = createPromTelemetry();
  const api = await connect({
    source: { path: boot.kubeconfig, env: process.env },
    clock: systemClock,
    log: createLog({ level: boot.logLevel, format: boot.logFormat }),
    telemetry,
    version: readBuild().version,
  });
  const { reader } = api;
  try {
    await use(async (signal) => {
      const replicas = await findReplicas(reader, boot.systemNamespace, signal);
      const askable = replicas.map(({ pod, port }) => ({ name: pod, get: api.pod(pod, port) }));
      return askDecisions(askable, key, signal);
    });
  } finally {
    telemetry.close();
    await api.close();
  }
}
