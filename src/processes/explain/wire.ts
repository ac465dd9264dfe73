import { revisionLine, urlIn } from '../../adapters/env/revision-line.ts';
import { failing, outputOf, TERMINAL, type Line, type Said } from '../../adapters/env/terminal.ts';
import { withCluster } from '../../adapters/env/with-cluster.ts';
import { httpGet } from '../../adapters/http/get.ts';
import { systemClock } from '../../adapters/time/system-clock.ts';
import type { Boot } from '../../domain/config/boot.ts';
import { isPrometheusAddress, shownAddress } from '../../domain/prometheus-address.ts';
import { err, ok, type Result } from '../../domain/result.ts';
import { askDecisions, askLists, type Askable } from './ask.ts';
import { explainOn, explainOnce } from './explain.ts';
import { findReplicas } from './find.ts';
import { TOPS } from './top-report.ts';
import { topOn, topOnce } from './top.ts';

const URL_EXPECTS = 'an http or https URL with a host and without query, for example http://127.0.0.1:8080';

/** `hpa-bridge explain NAMESPACE/REVISION`: says why the revision has the pods that it has; the exit code is 0 when that is known. */
export async function runExplain(
  boot: Boot,
  signal: AbortSignal,
  line: Line,
  say: Said = TERMINAL,
): Promise<number> {
  const fail = failing(say, 1);
  const asked = revisionLine(line);
  if (!asked.ok) return fail(asked.error);
  const { key, output, url } = asked.value;
  const at = addressIn(url);
  if (!at.ok) return fail(at.error);
  const explain = line.options['watch'] === true ? explainOn : explainOnce;
  await withReplicas(boot, at.value, (replicas) =>
    explain(
      {
        ...{ output, say, clock: systemClock },
        ask: async (until) => askDecisions(await replicas(until), key, until),
      },
      signal,
    ),
  );
  return 0;
}

/** Puts the cursor of a terminal back to its beginning, and takes away what stood there. */
const CLEARED = '\u001B[H\u001B[2J';

/** `hpa-bridge top`: lists the revisions that are decided about; the exit code is 0 when that is known. */
export async function runTop(
  boot: Boot,
  signal: AbortSignal,
  line: Line,
  say: Said = TERMINAL,
): Promise<number> {
  const fail = failing(say, 1);
  const output = outputOf(line, ['text', 'wide', 'json']);
  if (!output.ok) return fail(output.error);
  const at = addressIn(urlIn(line.options));
  if (!at.ok) return fail(at.error);
  const { watch, namespace } = line.options;
  const within = typeof namespace === 'string' ? namespace : undefined;
  const top = watch === true ? topOn : topOnce;
  const before = watch === true && output.value !== 'json' && process.stdout.isTTY ? CLEARED : '';
  await withReplicas(boot, at.value, (replicas) =>
    top(
      {
        ...{ say, clock: systemClock },
        draw: (rows) => `${before}${TOPS[output.value](rows)}`,
        ask: async (until) => askLists(await replicas(until), within, until),
      },
      signal,
    ),
  );
  return 0;
}

function addressIn(url: string | undefined): Result<string | undefined, string> {
  return url === undefined || isPrometheusAddress(url)
    ? ok(url)
    : err(`--url is ${shownAddress(url)}: expected ${URL_EXPECTS}`);
}

/** Whom to ask, as it is now. */
type Replicas = (signal: AbortSignal) => Promise<readonly Askable[]>;

/** The one at the address; else those that run, through the API server and with the user's own rights. */
async function withReplicas(
  boot: Boot,
  url: string | undefined,
  use: (replicas: Replicas) => Promise<void>,
): Promise<void> {
  if (url !== undefined) {
    const one: Askable = { name: url, get: httpGet(url.replace(/\/+$/, '')) };
    return use(() => Promise.resolve([one]));
  }
  return withCluster(boot, ({ api }) =>
    use(async (signal) => {
      const replicas = await findReplicas(api.reader, boot.systemNamespace, signal);
      return replicas.map(({ pod, port }) => ({ name: pod, get: api.pod(pod, port) }));
    }),
  );
}
