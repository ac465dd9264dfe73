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
import { renderSight, type Page, type Sight } from './show.ts';
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
      `\nhpa-bridge on the cluster of ${boot.kubeconfig}, as a controller of ${boot.classes.join(', ')}.\n`,
    );
    say(LEGEND);
    return show(boot, controller, signal);
  }
  const folder = mkdtempSync(join(tmpdir(), 'hpa-bridge-playground-'));
  const server = await startApiServer();
  try {
    const kubeconfig = join(folder, 'kubeconfig');
    writeFileSync(kubeconfig, server.kubeconfig(), { mode: 0o600 });
    say('\nhpa-bridge: the real controller, on a Kubernetes API server in memory.\n');
    say(LEGEND);
    say(
      `Look around from another terminal:\n  kubectl --kubeconfig ${kubeconfig} get podautoscalers,scaledobjects\n`,
    );
    await show({ ...boot, kubeconfig }, controller, signal);
  } finally {
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

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

/** First what is there, then the controller is started and every change is told. */
async function show(boot: Boot, controller: RunController, signal: AbortSignal): Promise<void> {
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
    await controller(boot, signal);
  } finally {
    telemetry.close();
    await api.close();
  }
}

const timeOfDay = (): string => new Date().toTimeString().slice(0, 8);
