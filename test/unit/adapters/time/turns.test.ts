import { expect, test } from '@jest/globals';
import { Turns } from '../../../../src/adapters/time/turns.ts';

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Works for longer than a turn may last. */
const workLong = (): void => {
  const end = performance.now() + 20;
  while (performance.now() < end);
};

test('a short turn goes on', () => {
  expect(new Turns().giveWay()).toBeUndefined();
});

test('a long turn ends: whoever asked goes on one by one, in order', async () => {
  const turns = new Turns();
  await turns.giveWay();
  workLong();
  const order: string[] = [];
  const work = async (name: string): Promise<void> => {
    await turns.giveWay();
    order.push(name);
    workLong();
  };
  const all = Promise.all([work('first'), work('second')]);
  let between: readonly string[] = [];
  setImmediate(() => (between = [...order]));
  await all;
  expect([between, order]).toEqual([['first'], ['first', 'second']]);
});

test('a turn that nobody needed is forgotten', async () => {
  const turns = new Turns();
  await turns.giveWay();
  workLong();
  await nextTurn();
  expect(turns.giveWay()).toBeUndefined();
});

test('sockets and timers run while others wait for their turn', async () => {
  const turns = new Turns();
  let ticks = 0;
  const ticking = setInterval(() => (ticks += 1), 1);
  for (let piece = 0; piece < 5; piece += 1) {
    await turns.giveWay();
    workLong();
  }
  clearInterval(ticking);
  expect(ticks).toBeGreaterThan(0);
});
