import { expect, test } from '@jest/globals';
import { ms, seconds } from '../../../src/domain/time.ts';
import { Workqueue } from '../../../src/engine/workqueue.ts';
import { ManualClock, settled } from '../../doubles/manual-clock.ts';

const make = (random = 0.999) => {
  const clock = new ManualClock();
  return { clock, queue: new Workqueue<string>({ clock, random: () => random }) };
};
const never = new AbortController().signal;

/** Takes what is due now, without waiting for more. */
const drain = async (queue: Workqueue<string>): Promise<string[]> => {
  const keys: string[] = [];
  while (queue.depth > 0) {
    const key = await queue.take(never);
    if (key === undefined) break;
    keys.push(key);
    queue.done(key);
  }
  return keys;
};

test('a key that is added thrice comes out once', async () => {
  const { queue } = make();
  queue.add('a');
  queue.add('b');
  queue.add('a');
  expect(await drain(queue)).toEqual(['a', 'b']);
});

test('of several due times the earliest counts', async () => {
  const { clock, queue } = make();
  queue.add('a', seconds(10));
  queue.add('a', seconds(2));
  queue.add('a', seconds(5));
  await clock.pass(seconds(1.999));
  expect(queue.depth).toBe(0);
  await clock.pass(1);
  expect(await drain(queue)).toEqual(['a']);
  await clock.pass(seconds(20));
  expect(await drain(queue)).toEqual([]);
});

test('keys come out in the order in which they fall due', async () => {
  const { clock, queue } = make();
  queue.add('late', ms(30));
  queue.add('early', ms(10));
  queue.add('now');
  await clock.pass(20);
  queue.add('newest');
  await clock.pass(10);
  expect(await drain(queue)).toEqual(['now', 'early', 'newest', 'late']);
});

test('a key that is added while it is worked on comes out once more, afterwards', async () => {
  const { queue } = make();
  queue.add('a');
  const first = await queue.take(never);
  queue.add('a');
  queue.add('a');
  expect([first, queue.depth]).toEqual(['a', 0]);
  queue.done('a');
  expect(await drain(queue)).toEqual(['a']);
});

test('a taker waits for the next key, also for one that is due later', async () => {
  const { clock, queue } = make();
  const taken: (string | undefined)[] = [];
  void queue.take(never).then((key) => taken.push(key));
  void queue.take(never).then((key) => taken.push(key));
  queue.add('later', ms(50));
  queue.add('now');
  await settled();
  expect(taken).toEqual(['now']);
  await clock.pass(50);
  expect(taken).toEqual(['now', 'later']);
});

test('backoff doubles from failure to failure up to the cap, and forget starts anew', async () => {
  const { clock, queue } = make(1);
  const taken: number[] = [];
  void (async () => {
    for (let key = await queue.take(never); key !== undefined; key = await queue.take(never)) {
      taken.push(clock.monotonic());
      if (taken.length === 14) queue.forget(key);
      queue.backoff(key);
      queue.done(key);
    }
  })();
  queue.add('a');
  await clock.until(() => taken.length >= 15, seconds(600));
  const waits = taken.slice(1).map((at, i) => at - (taken[i] ?? 0));
  expect(waits.slice(0, 4)).toEqual([100, 200, 400, 800]);
  expect(waits.slice(-4)).toEqual([60_000, 60_000, 60_000, 100]);
});

test('jitter shortens a wait by at most half, and what the other side asked for comes on top', async () => {
  const { clock, queue } = make(0);
  queue.backoff('a', seconds(2));
  await clock.pass(2049);
  expect(queue.depth).toBe(0);
  await clock.pass(1);
  expect(queue.depth).toBe(1);
});

test('the first retry is at once, the next ones back off', async () => {
  const { clock, queue } = make(0);
  queue.retry('a');
  expect(await drain(queue)).toEqual(['a']);
  queue.retry('a');
  expect(queue.depth).toBe(0);
  await clock.pass(50);
  expect(await drain(queue)).toEqual(['a']);
});

test('a taker that gives up gets nothing and takes nothing from the others', async () => {
  const { queue } = make();
  const gaveUp = new AbortController();
  const first = queue.take(gaveUp.signal);
  const second = queue.take(never);
  gaveUp.abort();
  queue.add('a');
  expect([await first, await second]).toEqual([undefined, 'a']);
  expect(await queue.take(AbortSignal.abort())).toBeUndefined();
});

test('shutdown sends takers away, keeps no timer and accepts nothing more', async () => {
  const { clock, queue } = make();
  queue.add('later', seconds(5));
  const taker = queue.take(never);
  queue.shutdown();
  queue.add('a');
  expect([await taker, await queue.take(never), queue.depth, clock.waiting]).toEqual([
    undefined,
    undefined,
    0,
    0,
  ]);
});

test('the work of a hundred thousand keys is not quadratic', async () => {
  const { clock, queue } = make();
  const keys = Array.from({ length: 100_000 }, (_, i) => `ns/${i}`);
  for (const key of keys) queue.add(key, ms(1000));
  for (const key of keys) queue.add(key, ms(10));
  await clock.pass(10);
  const taken = await drain(queue);
  // A quadratic queue needs minutes for this and runs into the time limit of the test.
  expect(taken).toEqual(keys);
});
