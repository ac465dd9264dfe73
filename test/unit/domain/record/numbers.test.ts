import { expect, test } from '@jest/globals';
import { brief, podsOf, shownNumber } from '../../../../src/domain/record/numbers.ts';

test.each([
  [0, '0'],
  [47.2, '47.2'],
  [0.1 + 0.2, '0.3'],
  [12345.678, '12345.68'],
  [-3.14159, '-3.14'],
  [0.00123456, '0.00123'],
  [1e12, '1.00e+12'],
  [1.23456e300, '1.23e+300'],
  [Number.MAX_VALUE, '1.80e+308'],
])('%d in brief is %s', (n, text) => expect(brief(n)).toBe(text));

test('without noise', () => expect(shownNumber(0.1 + 0.2)).toBe('0.3'));

test('pods', () => expect([podsOf(0), podsOf(1), podsOf(2)]).toEqual(['0 pods', '1 pod', '2 pods']));
