import { expect, test } from '@jest/globals';
import { ms, seconds } from '../../../../src/domain/time.ts';
import { probePause } from '../../../../src/domain/throttle/probing.ts';

test('who does not listen yet is asked every 10 ms at first, and every 200 ms at last', () => {
  expect([0, 2, 10, 40, 600].map((after) => probePause('no-connection', seconds(after)))).toEqual([
    10, 10, 50, 200, 200,
  ]);
});

test('who has asked its app is asked again a little later, by 20 ms at least', () => {
  expect([ms(0), seconds(1), seconds(5), seconds(20)].map((after) => probePause('answered', after))).toEqual([
    20, 20, 100, 200,
  ]);
});
