import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { shareOf, sharedPods } from '../../../../src/domain/throttle/share.ts';

const pods = (count: number): readonly number[] => Array.from({ length: count }, (_, at) => at);

describe('the pods of one activator', () => {
  test.each([
    ['twenty pods, the first of three', 20, { index: 0, of: 3 }, [0, 1, 2, 3, 4, 5, 18]],
    ['twenty pods, the last of three', 20, { index: 2, of: 3 }, [12, 13, 14, 15, 16, 17]],
    ['as many pods as activators', 3, { index: 1, of: 3 }, [1]],
    ['fewer pods than activators', 2, { index: 4, of: 5 }, [0]],
    ['one pod', 1, { index: 3, of: 5 }, [0]],
    ['none', 0, { index: 1, of: 2 }, []],
  ])('%s', (_name, count, share, expected) => expect(sharedPods(pods(count), share, true)).toEqual(expected));

  test('all, where nobody shares or nothing limits', () => {
    expect(sharedPods(pods(5), undefined, true)).toEqual(pods(5));
    expect(sharedPods(pods(5), { index: 0, of: 1 }, true)).toEqual(pods(5));
    expect(sharedPods(pods(5), { index: 0, of: 2 }, false)).toEqual(pods(5));
  });

  test('every pod has one activator where there are enough pods, and no activator is without', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 1, max: 12 }), (count, of) => {
        const shares = Array.from({ length: of }, (_, index) => sharedPods(pods(count), { index, of }, true));
        for (const share of shares) expect(share.length).toBeGreaterThan(0);
        if (count >= of && of > 1) expect(shares.flat().sort((x, y) => x - y)).toEqual(pods(count));
        else expect(new Set(shares.flat()).size).toBe(Math.min(count, count >= of ? count : of));
      }),
    );
  });
});

test('the place among the activators follows from the addresses, in whatever order they are listed', () => {
  expect(shareOf('10.0.0.2', ['10.0.0.3', '10.0.0.2', '10.0.0.1'])).toEqual({ index: 1, of: 3 });
  expect(shareOf('10.0.0.9', ['10.0.0.3', '10.0.0.2'])).toBeUndefined();
});
