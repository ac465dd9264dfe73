import { beforeEach, expect, test } from '@jest/globals';
import { keyOf, type Key } from '../../../../../src/domain/key.ts';
import { NO_STAT, type Stat } from '../../../../../src/domain/scale/stat.ts';
import { writeStatMessages } from '../../../../../src/domain/scale/stat-wire.ts';
import { PushedStats } from '../../../../../src/processes/controller/pods/pushed-stats.ts';
import { ManualClock } from '../../../../doubles/manual-clock.ts';
import { SilentLog } from '../../../../doubles/silent-log.ts';
import { TallyingTelemetry } from '../../../../doubles/tallying-telemetry.ts';

const MEASURED = keyOf('shop', 'cart-00001');

let clock: ManualClock;
let telemetry: TallyingTelemetry;
let reported: { readonly key: Key; readonly concurrency: number; readonly secondsAgo: number }[];
let reporters: Set<string>;
let pushed: PushedStats;
beforeEach(() => {
  clock = new ManualClock();
  telemetry = new TallyingTelemetry();
  [reported, reporters] = [[], new Set()];
  pushed = new PushedStats({
    pods: {
      reported: (key, { averageConcurrentRequests: concurrency }, at) => {
        if (key !== MEASURED) return false;
        reported.push({ key, concurrency, secondsAgo: (clock.now() - at) / 1000 });
        return true;
      },
    },
    onReport: (podName) => reporters.add(podName),
    clock,
    telemetry,
    log: new SilentLog(),
  });
});

const about = (
  name: string,
  stat: Partial<Stat> | undefined,
): Parameters<typeof writeStatMessages>[0][0] => ({
  namespace: 'shop',
  name,
  stat: stat && { ...NO_STAT, podName: 'activator', ...stat },
});
const push = (...messages: Parameters<typeof writeStatMessages>[0]): Promise<void> =>
  pushed.message(Uint8Array.from(writeStatMessages(messages)));
const stats = (outcome: 'taken' | 'not-measured' | 'empty' | 'implausible'): number =>
  telemetry.valueOf('hpa_bridge_stats_total', { outcome });

test('reports come to the revisions that they are about, in the second that they name', async () => {
  const then = BigInt(clock.now() / 1000 - 3);
  await push(
    about('cart-00001', { averageConcurrentRequests: 4 }),
    about('other-00001', { averageConcurrentRequests: 1 }),
    about('cart-00001', undefined),
    about('cart-00001', { averageConcurrentRequests: 5, timestamp: then }),
  );
  expect(reported).toEqual([
    { key: MEASURED, concurrency: 4, secondsAgo: 0 },
    { key: MEASURED, concurrency: 5, secondsAgo: 3 },
  ]);
  expect([stats('taken'), stats('not-measured'), stats('empty')]).toEqual([2, 1, 1]);
  expect(telemetry.valueOf('hpa_bridge_stat_messages_total', { outcome: 'read' })).toBe(1);
});

test('what is no protobuf is dropped and counted, and the next one is taken', async () => {
  await pushed.message(Uint8Array.of(10, 9));
  await push(about('cart-00001', { averageConcurrentRequests: 1 }));
  expect(telemetry.valueOf('hpa_bridge_stat_messages_total', { outcome: 'malformed' })).toBe(1);
  expect(reported).toHaveLength(1);
});

test.each<Partial<Stat>>([
  { averageConcurrentRequests: NaN },
  { averageConcurrentRequests: Infinity },
  { requestCount: -1 },
  { averageProxiedConcurrentRequests: 1e300 },
  { proxiedRequestCount: -Infinity },
])('what would spoil a window for ever is left out: %p', async (stat) => {
  await push(about('cart-00001', stat));
  expect([reported, stats('implausible')]).toEqual([[], 1]);
});
