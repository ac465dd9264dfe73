import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { styleText } from 'node:util';
import { readBuild } from '../adapters/env/build.ts';
import { connect } from '../adapters/kube/connection.ts';
import { createLog } from '../adapters/telemetry/log.ts';
import { createPromTelemetry } from '../adapters/telemetry/prom.ts';
import { systemClock } from '../adapters/time/system-clock.ts';
import { keyOfSetting } from '../domain/annotation/table.ts';
import type { Boot } from '../domain/config/boot.ts';
import { startApiServer } from './api-server/server.ts';
import { sampleObject, SAMPLES } from './samples.ts';
import { renderSight, type Page, type Sight } from './show.ts';
import { simulate } from './simulate.ts';
import { Cluster } from './simulate/cluster.ts';
import { R } from './simulate/kinds.ts';
import { watchRevisions } from './watch.ts';

/** Starts a controller; resolves when the signal aborts and everything is put away. */
export type RunController = (boot: Boot, signal: AbortSignal) => Promise<void>;

const say = (text: string): void => void process.stdout.write(`${text}\n`);

/** Shows what the controller does: on the cluster of `boot.kubeconfig`, or on an API server in memory with samples. */
export async function runPlayground(
  boot: Boot,
  controller: RunController,
  signal: AbortSignal,
): Promise<void> {
  if (boot.kubeconfig !== undefined) {
    say(
      `\nhpa-bridge on the cluster of ${boot.kubeconfig}, as the controller of ${boot.classes.join(', ')}.\n`,
    );
    say(`${LEGEND}\n`);
    return show(boot, { run: controller, begin: () => undefined }, signal);
  }
  const folder = mkdtempSync(join(tmpdir(), 'hpa-bridge-playground-'));
  const server = await startApiServer();
  const endSimulation = simulate(server, { complain: say });
  try {
    const kubeconfig = join(folder, 'kubeconfig');
    writeFileSync(kubeconfig, server.kubeconfig(), { mode: 0o600 });
    say(introduction(kubeconfig));
    const user = new Cluster(server, 'kubectl', Date.now);
    const begin = (): void => SAMPLES.forEach((sample) => user.apply(R.KnativeService, sampleObject(sample)));
    await show({ ...boot, kubeconfig }, { run: controller, begin }, signal);
  } finally {
    endSimulation();
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

const introduction = (kubeconfig: string): string => `
hpa-bridge: the real controller, on a Kubernetes API server in memory. Knative and KEDA are played.

Three Knative Services are about to be made:
${SAMPLES.map(({ name, about }) => `  ${name.padEnd(8)} ${about}`).join('\n')}

${LEGEND}
Look around, or change something, from another terminal:
  export KUBECONFIG=${kubeconfig}
  kubectl get podautoscalers,scaledobjects
  kubectl edit services.serving.knative.dev mistake
`;

const LEGEND =
  'Each line is something that happened: + made, ~ changed, - removed, = fine, . waiting, ! look here. Ctrl-C ends it.';

/** Columns: names of revisions, as Knative makes them, fit. */
const NAME_WIDTH = 16;
const COLORS = {
  time: 'dim',
  name: 'bold',
  '+': 'cyan',
  '~': 'yellow',
  '-': 'yellow',
  '=': 'green',
  '.': 'dim',
  '!': 'red',
} as const;

/** First what is there; then something begins, the controller is started, and every change is told. */
async function show(
  boot: Boot,
  controller: { readonly run: RunController; readonly begin: () => void },
  signal: AbortSignal,
): Promise<void> {
  const telemetry = createPromTelemetry();
  const log = createLog({ level: boot.logLevel, format: boot.logFormat });
  const api = await connect({
    source: { path: boot.kubeconfig, env: {} },
    clock: systemClock,
    log,
    telemetry,
    version: readBuild().version,
  });
  const page: Page = {
    width: process.stdout.isTTY ? process.stdout.columns : 120,
    nameWidth: NAME_WIDTH,
    paint: (what, text) => styleText(COLORS[what], text),
  };
  const see = (sight: Sight): void => say(renderSight(sight, timeOfDay(), page));
  const shared = { reader: api.reader, clock: systemClock, random: Math.random, telemetry, log };
  const classes = new Set(boot.classes);
  try {
    await watchRevisions(
      shared,
      ({ metadata }) => classes.has(metadata.annotations[keyOfSetting('class')] ?? ''),
      see,
      signal,
    );
    controller.begin();
    await controller.run(boot, signal);
  } finally {
    telemetry.close();
    await api.close();
  }
}

const timeOfDay = (): string => new Date().toTimeString().slice(0, 8);
