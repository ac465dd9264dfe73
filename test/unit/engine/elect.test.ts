import { expect, test } from '@jest/globals';
import { minutes, ms, seconds, type Ms } from '../../../src/domain/time.ts';
import { Elector, type ElectionTerms } from '../../../src/engine/elect.ts';
import type { Clock } from '../../../src/ports/clock.ts';
import type { LeaseRecord, LeaseStore } from '../../../src/ports/lease.ts';
import { FlakyLease, GOOD } from '../../doubles/flaky-lease.ts';
import { ManualClock } from '../../doubles/manual-clock.ts';
import { MemoryLease } from '../../doubles/memory-lease.ts';
import { SilentLog } from '../../doubles/silent-log.ts';
import { TallyingTelemetry } from '../../doubles/tallying-telemetry.ts';

const terms: ElectionTerms = {
  identity: 'us',
  leaseDuration: seconds(15),
  renewDeadline: seconds(10),
  retryPeriod: seconds(2),
};

const candidate = (lease: LeaseStore, clock: Clock, identity: string) => {
  const stop = new AbortController();
  const holders: (string | undefined)[] = [];
  const telemetry = new TallyingTelemetry();
  const elector = new Elector({
    lease,
    terms: { ...terms, identity },
    clock,
    random: () => 0.5,
    telemetry,
    log: new SilentLog(),
    onHolder: (holder) => holders.push(holder),
  });
  let ended = false;
  void elector.run(stop.signal).then(() => (ended = true));
  return { elector, stop, holders, telemetry, ended: () => ended };
};

const foreign = (more: Partial<LeaseRecord> = {}): Omit<LeaseRecord, 'version'> => ({
  holder: 'upstream_1',
  durationSeconds: 60,
  renewTime: '2020-01-01T00:00:00.000000Z',
  acquireTime: '2020-01-01T00:00:00.000000Z',
  transitions: 3,
  ...more,
});

test('a lease that does not exist is made, and led under', async () => {
  const clock = new ManualClock();
  const lease = new MemoryLease();
  const { elector, telemetry } = candidate(lease, clock, 'us');
  expect(elector.isLeading()).toBe(false);
  await clock.pass(1);
  expect(elector.isLeading()).toBe(true);
  expect(telemetry.valueOf('hpa_bridge_leader', { lease: 'memory' })).toBe(1);
  expect(lease.record).toMatchObject({
    holder: 'us',
    durationSeconds: 15,
    transitions: 0,
    renewTime: '2026-01-01T00:00:00.000000Z',
  });
});

test('renewing keeps it, and changes only the time of renewal', async () => {
  const clock = new ManualClock();
  const lease = new MemoryLease();
  const { elector } = candidate(lease, clock, 'us');
  await clock.pass(minutes(5));
  expect(elector.isLeading()).toBe(true);
  expect(lease.record).toMatchObject({ acquireTime: '2026-01-01T00:00:00.000000Z', transitions: 0 });
  expect(lease.record?.renewTime).toMatch(/^2026-01-01T00:04:5\d\.\d00000Z$/);
});

test('a lease of another is respected for its own duration of our time, whatever its times say', async () => {
  for (const renewTime of ['2020-01-01T00:00:00.000000Z', '2099-01-01T00:00:00.000000Z']) {
    const clock = new ManualClock();
    const lease = new MemoryLease();
    await lease.create(foreign({ renewTime }));
    const { elector, holders } = candidate(lease, clock, 'us');
    await clock.pass(seconds(59));
    expect([elector.isLeading(), holders]).toEqual([false, ['upstream_1']]);
    await clock.pass(seconds(5));
    expect([elector.isLeading(), holders]).toEqual([true, ['upstream_1', 'us']]);
    expect(lease.record?.transitions).toBe(4);
  }
});

test('a lease that says no duration is respected for ours', async () => {
  const clock = new ManualClock();
  const lease = new MemoryLease();
  await lease.create(foreign({ durationSeconds: 0 }));
  const { elector } = candidate(lease, clock, 'us');
  await clock.pass(seconds(14));
  expect(elector.isLeading()).toBe(false);
  await clock.pass(seconds(5));
  expect(elector.isLeading()).toBe(true);
});

test('a leader that dies is replaced after the lease, not before', async () => {
  const clock = new ManualClock();
  const lease = new MemoryLease();
  const cable = new FlakyLease(lease, clock);
  candidate(cable, clock, 'a');
  await clock.pass(ms(1));
  const b = candidate(lease, clock, 'b');
  await clock.pass(seconds(60));
  expect(b.elector.isLeading()).toBe(false);
  cable.cut = true;
  await clock.pass(seconds(12));
  expect(b.elector.isLeading()).toBe(false);
  await clock.pass(seconds(6));
  expect([b.elector.isLeading(), b.holders]).toEqual([true, ['a', 'b']]);
});

test('a leader that cannot renew stops before another can begin, and says so', async () => {
  const clock = new ManualClock();
  const lease = new MemoryLease();
  const cable = new FlakyLease(lease, clock);
  const { elector, telemetry } = candidate(cable, clock, 'us');
  await clock.pass(seconds(30));
  const renewed = Date.parse(lease.record?.renewTime ?? '');
  cable.cut = true;
  await clock.until(() => !elector.isLeading(), seconds(20));
  expect(clock.now() - renewed).toBeLessThanOrEqual(terms.renewDeadline);
  await clock.pass(1);
  expect(telemetry.valueOf('hpa_bridge_leader', { lease: 'memory' })).toBe(0);
  cable.cut = false;
  await clock.pass(seconds(3));
  expect(elector.isLeading()).toBe(true);
});

test('a slow answer does not lengthen leadership', async () => {
  const clock = new ManualClock();
  const lease = new MemoryLease();
  const slow = Array.from({ length: 3 }, () => ({ there: 0, back: 4500, end: 'good' as const }));
  const cable = new FlakyLease(lease, clock, [GOOD, GOOD, ...slow]);
  const a = candidate(cable, clock, 'a');
  await clock.pass(1);
  const b = candidate(lease, clock, 'b');
  await clock.until(() => lease.record?.renewTime.startsWith('2026-01-01T00:00:08') === true, seconds(20));
  await clock.pass(4600);
  cable.cut = true;
  for (let i = 0; i < 200; i++) {
    await clock.pass(100);
    expect(a.elector.isLeading() && b.elector.isLeading()).toBe(false);
  }
  expect(b.elector.isLeading()).toBe(true);
});

test('a request that hangs forever does not hold up the end of leadership nor the next try', async () => {
  const clock = new ManualClock();
  const memory = new MemoryLease();
  let hang = false;
  const lease: LeaseStore = {
    name: 'hanging',
    read: () => (hang ? new Promise(() => undefined) : memory.read()),
    create: (record) => memory.create(record),
    update: (record) => (hang ? new Promise(() => undefined) : memory.update(record)),
  };
  const { elector } = candidate(lease, clock, 'us');
  await clock.pass(seconds(5));
  hang = true;
  await clock.pass(seconds(10));
  expect(elector.isLeading()).toBe(false);
  hang = false;
  await clock.pass(seconds(8));
  expect(elector.isLeading()).toBe(true);
});

test('leadership ends by the clock even when timers are late', async () => {
  const manual = new ManualClock();
  let frozen = false;
  // A process that was stopped for a while: its timers do not run, its clock goes on.
  const clock: Clock = {
    now: () => manual.now(),
    monotonic: () => manual.monotonic(),
    sleep: (wait: Ms, signal?: AbortSignal) => manual.sleep(wait, signal),
    after: (wait, run) => manual.after(wait, () => (frozen ? undefined : run())),
    giveWay: () => manual.giveWay(),
  };
  const cable = new FlakyLease(new MemoryLease(), manual);
  const { elector } = candidate(cable, clock, 'us');
  await manual.pass(seconds(1));
  expect(elector.isLeading()).toBe(true);
  frozen = true;
  cable.cut = true;
  await manual.pass(seconds(10));
  expect(elector.isLeading()).toBe(false);
  const given = new AbortController();
  const waiting = elector.untilOpen(given.signal);
  given.abort();
  await waiting;
});

test('when somebody else takes the lease, we stop at the next renewal', async () => {
  const clock = new ManualClock();
  const lease = new MemoryLease();
  const { elector, holders } = candidate(lease, clock, 'us');
  await clock.pass(seconds(5));
  const record = lease.record;
  if (record === undefined) throw new Error('no lease');
  await lease.update({ ...foreign(), version: record.version });
  await clock.pass(seconds(3));
  expect([elector.isLeading(), holders]).toEqual([false, ['us', 'upstream_1']]);
});

test('a lease that somebody deletes is made anew', async () => {
  const clock = new ManualClock();
  const lease = new MemoryLease();
  const { elector } = candidate(lease, clock, 'us');
  await clock.pass(seconds(5));
  lease.vanish();
  await clock.pass(seconds(5));
  expect([elector.isLeading(), lease.record?.holder]).toEqual([true, 'us']);
});

test('on stop the lease is given back, and another takes it at its next try', async () => {
  const clock = new ManualClock();
  const lease = new MemoryLease();
  const a = candidate(lease, clock, 'a');
  await clock.pass(1);
  const b = candidate(lease, clock, 'b');
  await clock.pass(seconds(20));
  a.stop.abort();
  await clock.pass(0);
  expect([a.ended(), a.elector.isLeading()]).toEqual([true, false]);
  expect(lease.record).toMatchObject({ holder: '', durationSeconds: 1 });
  await clock.pass(seconds(2.5));
  expect(b.elector.isLeading()).toBe(true);
});

test.each(['there', 'back'] as const)(
  'a lease whose renewal is on its way %s when we stop is given back all the same',
  async (leg) => {
    const clock = new ManualClock();
    const lease = new MemoryLease();
    const slow = { ...GOOD, [leg]: 500 };
    const leader = candidate(new FlakyLease(lease, clock, [GOOD, GOOD, slow]), clock, 'us');
    await clock.pass(seconds(2.3));
    leader.stop.abort();
    await clock.pass(0);
    expect([leader.ended(), lease.record?.holder]).toEqual([false, 'us']);
    await clock.pass(seconds(1));
    expect([leader.ended(), lease.record?.holder]).toEqual([true, '']);
  },
);

test('stopping does not wait for a server that is away, nor touches a lease of another', async () => {
  const clock = new ManualClock();
  const lease = new MemoryLease();
  await lease.create(foreign());
  const before = lease.record;
  const idle = candidate(lease, clock, 'us');
  await clock.pass(seconds(3));
  idle.stop.abort();
  await clock.pass(0);
  expect([idle.ended(), lease.record]).toEqual([true, before]);

  const cable = new FlakyLease(new MemoryLease(), clock);
  const leader = candidate(cable, clock, 'us');
  await clock.pass(seconds(3));
  cable.cut = true;
  leader.stop.abort();
  await clock.pass(seconds(2));
  expect(leader.ended()).toBe(true);
});

test('who waits for leadership goes on when it comes', async () => {
  const clock = new ManualClock();
  const lease = new MemoryLease();
  await lease.create(foreign({ durationSeconds: 5 }));
  const { elector } = candidate(lease, clock, 'us');
  let open = false;
  void elector.untilOpen(new AbortController().signal).then(() => (open = true));
  await clock.pass(seconds(4));
  expect(open).toBe(false);
  await clock.pass(seconds(4));
  expect(open).toBe(true);
});

test('terms under which two could lead are refused', () => {
  const make = (more: Partial<ElectionTerms>) => () =>
    new Elector({
      lease: new MemoryLease(),
      terms: { ...terms, ...more },
      clock: new ManualClock(),
      random: Math.random,
      telemetry: new TallyingTelemetry(),
      log: new SilentLog(),
    });
  expect(make({ renewDeadline: seconds(15) })).toThrow('must hold');
  expect(make({ retryPeriod: seconds(10) })).toThrow('must hold');
  expect(make({ retryPeriod: ms(0) })).toThrow('must hold');
});
