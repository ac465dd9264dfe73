import { describe, expect, test } from '@jest/globals';
import { minutes, seconds } from '../../../src/domain/time.ts';
import { Leadership } from '../../../src/engine/leadership.ts';
import { FlakyLease } from '../../doubles/flaky-lease.ts';
import { ManualClock } from '../../doubles/manual-clock.ts';
import { MemoryLease } from '../../doubles/memory-lease.ts';
import { SilentLog } from '../../doubles/silent-log.ts';
import { TallyingTelemetry } from '../../doubles/tallying-telemetry.ts';

const BUCKETS = ['0', '1', '2', '3'];
/** A key is in the bucket that it ends in. */
const KEYS = BUCKETS.flatMap((bucket) => [`a${bucket}`, `b${bucket}`]);
const lastOf = (key: string): string => key.slice(-1);

const bench = (buckets: readonly string[] = BUCKETS, bucketOf = lastOf) => {
  const clock = new ManualClock();
  const leases = buckets.map((name) => new MemoryLease(name));
  const replica = (identity: string, random = 0.1) => {
    const cables = leases.map((lease) => new FlakyLease(lease, clock));
    const leadership = new Leadership<string>({
      leases: cables,
      bucketOf,
      terms: {
        identity,
        leaseDuration: seconds(15),
        renewDeadline: seconds(10),
        retryPeriod: seconds(2),
      },
      clock,
      random: () => random,
      telemetry: new TallyingTelemetry(),
      log: new SilentLog(),
    });
    const told: string[] = [];
    leadership.onChange((has, leads) => told.push(`${leads ? '+' : '-'}${KEYS.filter(has).join()}`));
    const stop = new AbortController();
    void leadership.run(stop.signal);
    return {
      leadership,
      told,
      stop: () => stop.abort(),
      cut: () => cables.forEach((cable) => (cable.cut = true)),
      keys: () => KEYS.filter((key) => leadership.isOpen(key)),
    };
  };
  return { clock, leases, replica };
};

describe('one process', () => {
  test('leads for the keys of one bucket after the other, until it has all', async () => {
    const { clock, replica } = bench();
    const one = replica('one');
    await clock.pass(1);
    expect(one.keys()).toHaveLength(2);
    await clock.pass(seconds(10));
    expect(one.keys()).toEqual(KEYS);
    expect(one.told.sort()).toEqual(['+a0,b0', '+a1,b1', '+a2,b2', '+a3,b3']);
  });

  test('with one lease leads at once', async () => {
    const { clock, replica } = bench(['all'], () => 'all');
    const one = replica('one');
    await clock.pass(1);
    expect(one.keys()).toEqual(KEYS);
  });

  test('is open when it leads for any key, and not before', async () => {
    const { clock, replica } = bench();
    const one = replica('one');
    let open = false;
    void one.leadership.untilOpen(new AbortController().signal).then(() => (open = true));
    expect(open).toBe(false);
    await clock.pass(1);
    expect(open).toBe(true);
    const given = new AbortController();
    one.cut();
    await clock.pass(seconds(30));
    expect(one.keys()).toEqual([]);
    const waiting = one.leadership.untilOpen(given.signal);
    given.abort();
    await waiting;
  });

  test('that is cut off leads for nothing after the deadline, and says so of each bucket', async () => {
    const { clock, replica } = bench();
    const one = replica('one');
    await clock.pass(seconds(20));
    one.told.length = 0;
    one.cut();
    await clock.pass(seconds(13));
    expect(one.keys()).toEqual([]);
    expect(one.told.sort()).toEqual(['-a0,b0', '-a1,b1', '-a2,b2', '-a3,b3']);
  });
});

describe('two processes', () => {
  test.each([0, 0.001, 0.5, 1.5])('that start %d s apart share the buckets', async (apart) => {
    const { clock, replica } = bench();
    const one = replica('one');
    await clock.pass(seconds(apart));
    const two = replica('two', 0.7);
    await clock.pass(seconds(20));
    expect([one.keys().length, two.keys().length]).toEqual([4, 4]);
    expect([...one.keys(), ...two.keys()].sort()).toEqual([...KEYS].sort());
  });

  test('every key has at most one of them at any time, and one in the end, whichever is killed', async () => {
    const { clock, replica } = bench();
    const [one, two] = [replica('one'), replica('two', 0.7)];
    await clock.pass(seconds(20));
    const lost = one.keys();
    expect(lost.length).toBeGreaterThan(0);
    one.cut();
    for (let second = 0; second < 40; second += 1) {
      const both = one.keys().filter((key) => two.keys().includes(key));
      expect(both).toEqual([]);
      await clock.pass(seconds(1));
    }
    expect([one.keys(), two.keys()]).toEqual([[], KEYS]);
  });

  test('who is rolled out gets the buckets of the one who goes', async () => {
    const { clock, replica } = bench();
    const [one, two] = [replica('one'), replica('two', 0.7)];
    await clock.pass(seconds(20));
    const three = replica('three', 0.4);
    await clock.pass(seconds(20));
    expect(three.keys()).toEqual([]);
    one.stop();
    await clock.pass(seconds(10));
    expect([one.keys().length, two.keys().length, three.keys().length]).toEqual([0, 4, 4]);
  });

  test('a lease that somebody deletes stays with who has it', async () => {
    const { clock, leases, replica } = bench();
    const [one, two] = [replica('one'), replica('two', 0.7)];
    await clock.pass(seconds(20));
    const before = [one.keys(), two.keys()];
    for (const lease of leases) lease.vanish();
    await clock.pass(minutes(1));
    expect([one.keys(), two.keys()]).toEqual(before);
  });
});

test('a key of no lease is a mistake of ours', () => {
  const { replica } = bench();
  expect(() => replica('one').leadership.isOpen('a9')).toThrow(RangeError);
});
