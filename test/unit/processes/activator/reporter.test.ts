import { expect, test } from '@jest/globals';
import { keyOf } from '../../../../src/domain/key.ts';
import { readStatMessages } from '../../../../src/domain/scale/stat-wire.ts';
import { seconds } from '../../../../src/domain/time.ts';
import { Reporter } from '../../../../src/processes/activator/reporter.ts';
import { ManualClock } from '../../../doubles/manual-clock.ts';

test('the first request is sent at once, then each second what was in flight, as Knative writes it', async () => {
  const clock = new ManualClock();
  const sent: string[] = [];
  const reporter = new Reporter({
    podName: 'activator-0',
    clock,
    send: (bytes) => {
      const read = readStatMessages(bytes);
      for (const { namespace, name, stat } of read.ok ? read.value : [])
        sent.push(
          `${clock.monotonic()} ${namespace}/${name} ${stat?.podName} ${stat?.averageConcurrentRequests} ${stat?.requestCount}`,
        );
    },
    onReport: () => undefined,
  });
  const stop = new AbortController();
  const running = reporter.run(stop.signal);
  await clock.pass(500);
  for (let request = 0; request < 3; request += 1) reporter.arrived(keyOf('team', 'shop'));
  await clock.pass(seconds(2));
  expect(sent).toEqual([
    '500 team/shop activator-0 1 1',
    '1000 team/shop activator-0 2 2',
    '2000 team/shop activator-0 3 0',
  ]);
  stop.abort();
  await running;
});

test('thousands of revisions are told in messages of bounded length', async () => {
  const clock = new ManualClock();
  const lengths: number[] = [];
  const told = new Set<string>();
  const reporter = new Reporter({
    podName: 'activator-0',
    clock,
    send: (bytes) => {
      lengths.push(bytes.length);
      const read = readStatMessages(bytes);
      for (const { name } of read.ok ? read.value : []) told.add(name);
    },
    onReport: () => undefined,
  });
  for (let at = 0; at < 1200; at += 1) reporter.arrived(keyOf('team', `revision-${at}`));
  told.clear();
  const stop = new AbortController();
  const running = reporter.run(stop.signal);
  await clock.pass(seconds(1));
  expect(told.size).toBe(1200);
  expect(Math.max(...lengths)).toBeLessThan(64_000);
  stop.abort();
  await running;
});
