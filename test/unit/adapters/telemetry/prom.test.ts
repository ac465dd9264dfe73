import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { createPromTelemetry, type PromTelemetry } from '../../../../src/adapters/telemetry/prom.ts';
import { FAULTS } from '../../../../src/domain/fault.ts';
import { METRICS } from '../../../../src/domain/telemetry.ts';

let telemetry: PromTelemetry;
beforeEach(() => {
  telemetry = createPromTelemetry();
});
afterEach(() => telemetry.close());

const lines = async (prefix: string): Promise<string[]> =>
  (await telemetry.render()).split('\n').filter((line) => line.startsWith(prefix));

test('every declared series has its help and type, and nothing else is there', async () => {
  const types = await lines('# TYPE ');
  const declared = Object.entries(METRICS).map(([name, row]) => `# TYPE ${name} ${row.type}`);
  expect(types.sort()).toEqual(declared.sort());
});

test('what can be known beforehand starts at zero', async () => {
  expect(await lines('hpa_bridge_events_total')).toEqual(
    ['written', 'counted', 'dropped', 'failed'].map(
      (outcome) => `hpa_bridge_events_total{outcome="${outcome}"} 0`,
    ),
  );
  expect(await lines('hpa_bridge_faults_total')).toHaveLength(Object.keys(FAULTS).length);
  expect(await lines('hpa_bridge_writes_total')).toContain(
    'hpa_bridge_writes_total{kind="ScaledObject",verb="apply"} 0',
  );
  expect(await lines('hpa_bridge_reconcile_seconds_count')).toContain(
    'hpa_bridge_reconcile_seconds_count{result="done"} 0',
  );
  expect(await lines('hpa_bridge_workqueue_retries_total')).toEqual(['hpa_bridge_workqueue_retries_total 0']);
  expect(await lines('hpa_bridge_watch_restarts_total')).toEqual([]);
});

test('a process that shows no certificate does not say that it ended in 1970', async () => {
  const name = 'hpa_bridge_webhook_certificate_expiry_seconds';
  expect(await lines(name)).toEqual([]);
  telemetry.set(name, {}, 1_800_000_000);
  expect(await lines(name)).toEqual([`${name} 1800000000`]);
});

test('the known values of a label are of labels that the row has', () => {
  for (const row of Object.values(METRICS))
    if ('known' in row) expect(Object.keys(row.known).sort()).toEqual([...row.labels].sort());
});

test('counters add, gauges are set, histograms count, and a series can be forgotten', async () => {
  telemetry.add('hpa_bridge_lists_total', { resource: 'pods' });
  telemetry.add('hpa_bridge_lists_total', { resource: 'pods' }, 2);
  telemetry.set('hpa_bridge_leader', { lease: 'a' }, 1);
  telemetry.observe('hpa_bridge_reconcile_seconds', { result: 'done' }, 0.02);
  expect(await lines('hpa_bridge_lists_total')).toEqual(['hpa_bridge_lists_total{resource="pods"} 3']);
  expect(await lines('hpa_bridge_leader')).toEqual(['hpa_bridge_leader{lease="a"} 1']);
  expect(await lines('hpa_bridge_reconcile_seconds_bucket{le="0.01",result="done"}')).toEqual([
    'hpa_bridge_reconcile_seconds_bucket{le="0.01",result="done"} 0',
  ]);
  expect(await lines('hpa_bridge_reconcile_seconds_bucket{le="0.05",result="done"}')).toEqual([
    'hpa_bridge_reconcile_seconds_bucket{le="0.05",result="done"} 1',
  ]);
  telemetry.forget('hpa_bridge_leader', { lease: 'a' });
  expect(await lines('hpa_bridge_leader')).toEqual([]);
});

test('the lag of the event loop is shown as a delay, not as an interval', async () => {
  const found = await lines('hpa_bridge_event_loop_lag_seconds');
  expect(found).toHaveLength(3);
  for (const line of found) expect(Number(line.split(' ')[1])).toBeGreaterThanOrEqual(0);
});

test('two of them do not share their series', async () => {
  const other = createPromTelemetry();
  other.add('hpa_bridge_lists_total', { resource: 'pods' });
  other.close();
  expect(await lines('hpa_bridge_lists_total')).toEqual([]);
});
