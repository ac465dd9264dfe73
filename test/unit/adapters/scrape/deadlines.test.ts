import { beforeEach, expect, test } from '@jest/globals';
import { Deadlines } from '../../../../src/adapters/scrape/deadlines.ts';
import { ms, seconds } from '../../../../src/domain/time.ts';
import { ManualClock } from '../../../doubles/manual-clock.ts';

let clock: ManualClock;
let late: string[];
let deadlines: Deadlines<string>;
beforeEach(() => {
  clock = new ManualClock();
  late = [];
  deadlines = new Deadlines(clock, seconds(3), (name) => void late.push(`${name} at ${clock.monotonic()}`));
});

test('each is late after its own time, and once', async () => {
  deadlines.add('a');
  await clock.pass(ms(1000));
  deadlines.add('b');
  deadlines.add('c');
  await clock.pass(ms(10_000));
  expect(late).toEqual(['a at 3000', 'b at 4000', 'c at 4000']);
  expect(clock.waiting).toBe(0);
});

test('what was removed is not late, and what comes after it is', async () => {
  deadlines.add('a');
  await clock.pass(ms(500));
  deadlines.add('b');
  deadlines.remove('a');
  await clock.pass(ms(10_000));
  deadlines.add('c');
  await clock.pass(ms(10_000));
  expect(late).toEqual(['b at 3500', 'c at 13500']);
});

test('what is added by whoever is told of one that is late is watched over, too', async () => {
  const again = new Deadlines<number>(clock, seconds(1), (turn) => {
    late.push(String(turn));
    if (turn < 3) again.add(turn + 1);
  });
  again.add(1);
  await clock.pass(ms(1000));
  expect(clock.waiting).toBe(1);
  await clock.pass(ms(10_000));
  expect(late).toEqual(['1', '2', '3']);
});

test('nothing is late after the end', async () => {
  deadlines.add('a');
  deadlines.close();
  await clock.pass(ms(10_000));
  expect(late).toEqual([]);
  expect(clock.waiting).toBe(0);
});
