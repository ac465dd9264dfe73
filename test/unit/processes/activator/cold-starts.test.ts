import { expect, test } from '@jest/globals';
import { podView } from '../../../../src/domain/k8s/read/workload.ts';
import { keyOf } from '../../../../src/domain/key.ts';
import { seconds } from '../../../../src/domain/time.ts';
import { COLD_START_PHASES } from '../../../../src/domain/throttle/cold-start.ts';
import { ColdStarts } from '../../../../src/processes/activator/cold-starts.ts';
import { ManualClock } from '../../../doubles/manual-clock.ts';
import { SilentLog } from '../../../doubles/silent-log.ts';
import { TallyingTelemetry } from '../../../doubles/tallying-telemetry.ts';

const SHOP = keyOf('team', 'shop');
const pod = (podIP?: string): ReturnType<typeof podView.parse> =>
  podView.parse({ metadata: { name: 'p' }, status: podIP === undefined ? {} : { podIP } });

test('a cold start is told by what happened, each once, and ends with the first answer', async () => {
  const [clock, telemetry, log] = [new ManualClock(), new TallyingTelemetry(), new SilentLog()];
  const starts = new ColdStarts({ clock, telemetry, log });
  starts.saw(SHOP, pod());
  starts.begin(SHOP);
  await clock.pass(10);
  starts.reach(SHOP, 'scaled');
  await clock.pass(10);
  starts.begin(SHOP);
  starts.saw(SHOP, pod());
  await clock.pass(20);
  starts.saw(SHOP, pod('10.0.0.1'));
  starts.saw(SHOP, pod('10.0.0.1'));
  await clock.pass(seconds(1));
  starts.reach(SHOP, 'answered');
  starts.reach(SHOP, 'serving');
  starts.reach(SHOP, 'serving');
  await clock.pass(5);
  starts.reach(SHOP, 'answered');
  starts.reach(SHOP, 'answered');
  const counted = COLD_START_PHASES.map((phase) =>
    telemetry.valueOf('hpa_bridge_cold_start_seconds', { phase }),
  );
  expect(counted).toEqual([1, 1, 1, 1, 1]);
  expect(log.lines.map(({ fields }) => [fields.ms, fields.detail])).toEqual([
    [1040, 'scaled 10, pod 20, address 40, serving 1040, answered 1045'],
  ]);
});

test('one that everybody has given up is not told', () => {
  const [clock, telemetry, log] = [new ManualClock(), new TallyingTelemetry(), new SilentLog()];
  const starts = new ColdStarts({ clock, telemetry, log });
  starts.begin(SHOP);
  starts.forget(SHOP);
  starts.reach(SHOP, 'serving');
  expect([telemetry.valueOf('hpa_bridge_cold_start_seconds', { phase: 'serving' }), log.lines]).toEqual([
    0,
    [],
  ]);
});

test('one whose requests had all gone when a pod took requests is told without an answer', async () => {
  const [clock, telemetry, log] = [new ManualClock(), new TallyingTelemetry(), new SilentLog()];
  const starts = new ColdStarts({ clock, telemetry, log });
  starts.begin(SHOP);
  await clock.pass(30);
  starts.reach(SHOP, 'serving');
  starts.forget(SHOP);
  starts.forget(SHOP);
  expect(log.lines.map(({ fields }) => fields.detail)).toEqual(['serving 30']);
});

test('starts of a revision are added up until it is gone', async () => {
  const [clock, telemetry, log] = [new ManualClock(), new TallyingTelemetry(), new SilentLog()];
  const starts = new ColdStarts({ clock, telemetry, log });
  for (const took of [30, 50]) {
    starts.begin(SHOP);
    await clock.pass(took);
    starts.reach(SHOP, 'serving');
    starts.reach(SHOP, 'answered');
  }
  expect([...starts.ended]).toEqual([[SHOP, { count: 2, took: 80 }]]);
  starts.gone(SHOP);
  expect([...starts.ended]).toEqual([]);
});
