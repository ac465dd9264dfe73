import { expect, test } from '@jest/globals';
import { Line } from '../../../../src/domain/throttle/line.ts';

interface Waiting {
  readonly name: string;
}
const [a, b, c]: readonly Waiting[] = [{ name: 'a' }, { name: 'b' }, { name: 'c' }];
const lineOf = (...all: readonly (readonly [Waiting, boolean])[]): Line<Waiting> => {
  const line = new Line<Waiting>({ waiting: 3, bytes: 100 });
  for (const [who, returned] of all) line.join(who, 30, returned);
  return line;
};
const order = (line: Line<Waiting>): string => {
  let names = '';
  for (let next = line.first(); next !== undefined; next = line.first()) {
    names += next.name;
    line.leave(next);
  }
  return names;
};

test('who came first goes first, and who had a place already before all others', () => {
  expect(order(lineOf([a!, false], [b!, false], [c!, false]))).toBe('abc');
  expect(order(lineOf([a!, false], [b!, true], [c!, true]))).toBe('bca');
});

test('who leaves is passed over, once', () => {
  const line = lineOf([a!, false], [b!, true], [c!, false]);
  expect([line.leave(b!), line.leave(b!), line.leave(a!)]).toEqual([true, false, true]);
  expect([line.size, order(line)]).toEqual([1, 'c']);
});

test('it holds no more than its bounds, by number and by bytes, and what leaves makes room', () => {
  const line = lineOf([a!, false], [b!, false]);
  expect([line.hasRoom(40), line.hasRoom(41)]).toEqual([true, false]);
  line.join(c!, 1, false);
  expect(line.hasRoom(1)).toBe(false);
  line.leave(a!);
  expect([line.hasRoom(69), line.hasRoom(70)]).toEqual([true, false]);
});
