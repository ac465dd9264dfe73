import { beforeEach, expect, test } from '@jest/globals';
import { rfc3339 } from '../../../src/domain/rfc3339.ts';
import { instant, minutes, plus, seconds, type Ms } from '../../../src/domain/time.ts';
import { untilQuiet } from '../../../src/engine/until-quiet.ts';
import { FlakyLease } from '../../doubles/flaky-lease.ts';
import { ManualClock } from '../../doubles/manual-clock.ts';
import { MemoryLease } from '../../doubles/memory-lease.ts';
import { SilentLog } from '../../doubles/silent-log.ts';

const terms = {
  identity: 'us',
  leaseDuration: seconds(15),
  renewDeadline: seconds(10),
  retryPeriod: seconds(2),
};

let clock: ManualClock;
let lease: MemoryLease;
beforeEach(() => {
  clock = new ManualClock();
  lease = new MemoryLease();
});

const renewed = async (holder: string, { ago = 0, durationSeconds = 15 } = {}): Promise<void> => {
  const renewTime = rfc3339(instant(plus(clock.now(), seconds(-ago))));
  const record = { holder, durationSeconds, renewTime, acquireTime: renewTime, transitions: 0 };
  if (lease.record === undefined) await lease.create(record);
  else await lease.update({ ...record, version: lease.record.version });
};
const waiting = (signal = new AbortController().signal, way = new FlakyLease(lease, clock)) => {
  const began = clock.monotonic();
  let took: Ms | undefined;
  void untilQuiet([way, new MemoryLease('absent')], { terms, clock, log: new SilentLog() }, signal).then(
    () => (took = (clock.monotonic() - began) as Ms),
  );
  return { took: () => took };
};

test('leases that do not exist are not waited for', async () => {
  const { took } = waiting();
  await clock.pass(1);
  expect(took()).toBe(0);
});

test.each([
  ['that is held and not renewed any more, for as long as it lasts', 'upstream_1', 60, 60],
  ['that is given back, for as long as ours lasts: another may be about to take it', '', 1, 16],
])('one %s', async (_, holder, durationSeconds, wait) => {
  await renewed(holder, { durationSeconds });
  const { took } = waiting();
  await clock.pass(minutes(5));
  expect(took()).toBe(seconds(wait));
});

test('one that is renewed is waited for until that ends', async () => {
  await renewed('other_1');
  const { took } = waiting();
  for (let second = 0; second < 60; second += 3) {
    await clock.pass(seconds(3));
    await renewed('other_1');
  }
  expect(took()).toBeUndefined();
  await clock.pass(seconds(20));
  // Seen at the next look, two seconds after the last renewal.
  expect(took()).toBe(seconds(78));
});

test('what was renewed more than an hour ago is a relic', async () => {
  await renewed('dead_1', { ago: 3700 });
  const { took } = waiting();
  await clock.pass(1);
  expect(took()).toBe(0);
});

test('what cannot be read is asked again, and a stop ends the waiting', async () => {
  const way = new FlakyLease(lease, clock);
  way.cut = true;
  const stop = new AbortController();
  const { took } = waiting(stop.signal, way);
  await clock.pass(minutes(1));
  expect(took()).toBeUndefined();
  stop.abort();
  await clock.pass(1);
  expect(took()).toBe(minutes(1));
});
