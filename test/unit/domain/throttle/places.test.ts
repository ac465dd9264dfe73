import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Places, type Target } from '../../../../src/domain/throttle/places.ts';

const PODS = ['a', 'b', 'c'];
const placesOf = (limit: number, ...random: readonly number[]): Places => {
  const rest = [...random];
  const places = new Places(() => rest.shift() ?? 0);
  places.lead(PODS, limit);
  return places;
};
const taken = (places: Places, count: number): string =>
  Array.from({ length: count }, () => places.take()?.address ?? '-').join('');

describe('which pod takes a request', () => {
  test('up to a limit of three: the first that is free', () => {
    expect(taken(placesOf(1), 4)).toBe('abc-');
    expect(taken(placesOf(3), 10)).toBe('aaabbbccc-');
  });
  test('above three: each in turn', () => {
    const places = placesOf(4);
    expect(taken(places, 5)).toBe('abcab');
    expect(taken(places, 8)).toBe('cabcabc-');
  });
  test('a turn passes over a pod that is full', () => {
    const places = placesOf(4);
    const held = [places.take(), places.take(), places.take()].flatMap((place) => place ?? []);
    taken(places, 9);
    places.giveBack(held[1]!);
    expect(taken(places, 2)).toBe('b-');
  });
  test('without a limit: of two by chance the one with less to do', () => {
    const places = placesOf(0, 0, 0.9, 0, 0.9, 0.9, 0, 0.9, 0);
    // a against c; a against c; c against a; c against a.
    expect(taken(places, 4)).toBe('acca');
  });
  test('none, where there is none', () => {
    const places = new Places(() => 0);
    expect([places.any, places.take()]).toEqual([false, undefined]);
  });
});

test('a pod that goes and comes back still has what it was given', () => {
  const places = placesOf(1);
  const [first] = [places.take()];
  places.lead(['b'], 1);
  places.lead(['a', 'b'], 1);
  expect(taken(places, 2)).toBe('b-');
  places.giveBack(first!);
  expect(taken(places, 1)).toBe('a');
});

/** What can happen to places. */
type Act =
  | { readonly take: true }
  | { readonly back: number }
  | { readonly lead: readonly string[]; readonly limit: number };
const address = fc.constantFrom('a', 'b', 'c', 'd', 'e');
const act: fc.Arbitrary<Act> = fc.oneof(
  { weight: 5, arbitrary: fc.constant({ take: true } as const) },
  { weight: 4, arbitrary: fc.nat(20).map((back) => ({ back })) },
  { weight: 1, arbitrary: fc.record({ lead: fc.uniqueArray(address), limit: fc.nat(5) }) },
);

test('whatever happens, no pod is given more than the limit, no free place is withheld, and none is lost', () => {
  fc.assert(
    fc.property(
      fc.array(act, { maxLength: 120 }),
      fc.infiniteStream(fc.double({ min: 0, max: 0.999, noNaN: true })),
      (acts, random) => {
        const places = new Places(() => random.next().value as number);
        const held: Target[] = [];
        let [led, limit]: [readonly string[], number] = [[], 0];
        const at = (pod: string): number => held.filter((target) => target.address === pod).length;
        for (const one of acts) {
          if ('lead' in one) {
            [led, limit] = [one.lead, one.limit];
            places.lead(led, limit);
          } else if ('back' in one) {
            const [given] = held.splice(one.back % Math.max(1, held.length), 1);
            if (given !== undefined) places.giveBack(given);
          } else {
            const free = led.some((pod) => limit === 0 || at(pod) < limit);
            const target = places.take();
            expect(target !== undefined).toBe(free);
            if (target === undefined) continue;
            expect(led).toContain(target.address);
            held.push(target);
            if (limit > 0) expect(at(target.address)).toBeLessThanOrEqual(limit);
          }
          expect(places.taken).toBe(held.length);
        }
      },
    ),
  );
});
