import { spawnSync } from 'node:child_process';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { revisionPage } from '../../src/adapters/telemetry/revision-page.ts';
import { systemClock } from '../../src/adapters/time/system-clock.ts';
import { keyOf } from '../../src/domain/key.ts';
import { REVISION_METRICS } from '../../src/domain/revision-metrics/table.ts';
import { ms } from '../../src/domain/time.ts';
import { prometheusMajor } from '../doubles/prometheus.ts';
import { AUTOSCALING, ClusterInMemory, type RunningController } from './cluster-in-memory.ts';

const SHOP = {
  [`${AUTOSCALING}/query`]: 'sum(rate(requests{revision="{{ .revisionName }}"}[1m]))',
  [`${AUTOSCALING}/target`]: '10',
  [`${AUTOSCALING}/max-scale`]: '5',
  'hpa-bridge.dev/backend': 'hpa',
};

let cluster: ClusterInMemory;
beforeEach(async () => {
  cluster = await ClusterInMemory.start();
});
afterEach(() => cluster.stop());

async function page({ controller }: RunningController): Promise<string> {
  let said = '';
  for await (const piece of revisionPage(REVISION_METRICS, controller.revisionSeries(), systemClock))
    said += piece;
  return said;
}

/** Polls until the page has all of these lines. */
const has = (running: RunningController, ...lines: readonly string[]): Promise<string> =>
  cluster.until(lines.join(' and '), async () => {
    const said = await page(running);
    return lines.every((line) => said.includes(`hpa_bridge_revision_${line}\n`)) && said;
  });

const NAMED = 'namespace="default",revision="shop-00001"';

test('a revision is told from its plan on, with every answer, and not any more when it is gone', async () => {
  const running = await cluster.controller();
  await cluster.revision('shop-00001', SHOP, 2);
  await has(
    running,
    `info{${NAMED},service="",signal="query",backend="hpa"} 1`,
    `replicas{${NAMED}} 2`,
    `ready_pods{${NAMED}} 2`,
    `max_replicas{${NAMED}} 5`,
    `rung{${NAMED},rung="none"} 1`,
    `fault{${NAMED},fault="signal_unmeasured"} 1`,
  );
  running.measurer.answer(keyOf('default', 'shop-00001'), 72);
  const said = await has(
    running,
    `value{${NAMED}} 72`,
    `target{${NAMED},per="pod"} 10`,
    `unlimited_replicas{${NAMED}} 8`,
    `limit{${NAMED},limit="max-scale"} 1`,
    `moves_total{${NAMED},direction="up"} 1`,
  );
  expect(said).not.toContain('revision_fault');
  if (prometheusMajor !== undefined) {
    const { stdout, stderr } = spawnSync('promtool', ['check', 'metrics'], { input: said, encoding: 'utf8' });
    expect(stdout + stderr).toBe('');
  }
  await cluster.remove('PodAutoscaler', 'shop-00001');
  await cluster.until('no series', async () => (await page(running)) === '');
});

test('nobody but the leader tells them, and nobody where they are switched off', async () => {
  let leads = true;
  const running = await cluster.controller({
    gate: {
      isOpen: () => leads,
      untilOpen: async () => {
        while (!leads) await systemClock.sleep(ms(5));
      },
    },
  });
  await cluster.revision('shop-00001', SHOP);
  await has(running, `replicas{${NAMED}} 1`);
  leads = false;
  expect(await page(running)).toBe('');
  leads = true;
  await has(running, `replicas{${NAMED}} 1`);
  await cluster.create(
    'ConfigMap',
    'config-hpa-bridge',
    { data: { 'revision-metrics': 'off' } },
    'knative-serving',
  );
  await cluster.until('no series', async () => (await page(running)) === '');
});
