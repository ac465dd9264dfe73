import { expect, test } from '@jest/globals';
import type { BridgeEvent } from '../../../src/domain/event.ts';
import { keyOf } from '../../../src/domain/key.ts';
import { minutes } from '../../../src/domain/time.ts';
import { EventAggregator } from '../../../src/engine/event-aggregator.ts';
import { ManualClock } from '../../doubles/manual-clock.ts';
import { MemoryEvents } from '../../doubles/memory-events.ts';
import { SilentLog } from '../../doubles/silent-log.ts';
import { TallyingTelemetry } from '../../doubles/tallying-telemetry.ts';

const make = (limits: { readonly memory?: number; readonly backlog?: number } = {}) => {
  const clock = new ManualClock();
  const sink = new MemoryEvents();
  const telemetry = new TallyingTelemetry();
  const events = new EventAggregator({ sink, clock, telemetry, log: new SilentLog(), ...limits });
  const say = (name: string, more: Partial<BridgeEvent> = {}): void => events.publish(event(name, more));
  const kept = (): string[] =>
    [...sink.objects.values()].map(({ reason, message, count }) => `${count} x ${reason}: ${message}`);
  const tally = (outcome: string): number => telemetry.valueOf('hpa_bridge_events_total', { outcome });
  return { clock, sink, events, say, kept, tally };
};

const event = (name: string, more: Partial<BridgeEvent> = {}): BridgeEvent => ({
  about: { apiVersion: 'example.com/v1', kind: 'Thing', key: keyOf('ns', name), uid: `uid-${name}` },
  type: 'Warning',
  reason: 'Odd',
  message: 'this is odd',
  sameAs: [],
  ...more,
});

test('repeats are counted in one object, which says the newest message', async () => {
  const { events, say, kept, tally } = make();
  say('a', { message: 'first' });
  await events.idle();
  say('a', { message: 'second' });
  await events.idle();
  say('a', { message: 'third' });
  await events.idle();
  expect(kept()).toEqual(['3 x Odd: third']);
  expect([tally('written'), tally('counted')]).toEqual([1, 2]);
});

test('another subject, reason, type or sameAs is another event', async () => {
  const { events, say, kept } = make();
  say('a');
  say('b');
  say('a', { reason: 'Strange' });
  say('a', { type: 'Normal' });
  say('a', { sameAs: ['key-1'] });
  say('a', { sameAs: ['key-2'] });
  await events.idle();
  expect(kept()).toHaveLength(6);
});

test('what repeats while a write is under way is written once, afterwards', async () => {
  const { sink, events, say, kept, tally } = make();
  const gate = Promise.withResolvers<undefined>();
  sink.hold = gate.promise.then(() => undefined);
  for (let i = 0; i < 10; i++) say('a', { message: `message ${i}` });
  await Promise.resolve();
  for (let i = 10; i < 20; i++) say('a', { message: `message ${i}` });
  gate.resolve(undefined);
  await events.idle();
  expect(kept()).toEqual(['20 x Odd: message 19']);
  expect(tally('written') + tally('counted')).toBeLessThanOrEqual(2);
});

test('a subject that talks too much is cut short, the others are not', async () => {
  const { clock, events, say, kept, tally } = make();
  for (let i = 0; i < 40; i++) {
    say('loud', { sameAs: [`${i}`] });
    await events.idle();
  }
  say('quiet');
  await events.idle();
  expect([kept().length, tally('dropped')]).toEqual([26, 15]);
  await clock.pass(minutes(5));
  say('loud', { sameAs: ['later'] });
  say('loud', { sameAs: ['too soon'] });
  await events.idle();
  expect(kept()).toHaveLength(27);
});

test('an object that expired is written anew', async () => {
  const { sink, events, say, kept } = make();
  say('a');
  await events.idle();
  sink.objects.clear();
  say('a', { message: 'again' });
  await events.idle();
  expect(kept()).toEqual(['1 x Odd: again']);
});

test('a write that fails is counted, and the next repeat makes up for it', async () => {
  const { sink, events, say, kept, tally } = make();
  sink.fault = { code: 'forbidden', message: 'may not create events' };
  say('a');
  await events.idle();
  sink.fault = undefined;
  expect([kept(), tally('failed')]).toEqual([[], 1]);
  say('a');
  await events.idle();
  expect(kept()).toEqual(['2 x Odd: this is odd']);
});

test('memory and backlog are bounded: what is too much is dropped, never waited for', async () => {
  const { sink, events, say, kept, tally } = make({ memory: 2, backlog: 3 });
  const gate = Promise.withResolvers<undefined>();
  sink.hold = gate.promise.then(() => undefined);
  for (let i = 0; i < 10; i++) say(`subject-${i}`);
  gate.resolve(undefined);
  await events.idle();
  expect([kept().length, tally('dropped')]).toEqual([4, 6]);
  say('subject-0');
  await events.idle();
  expect(kept()).toHaveLength(5);
});
