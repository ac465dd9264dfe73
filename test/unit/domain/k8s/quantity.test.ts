import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { decimalText } from '../../../../src/domain/k8s/decimal.ts';
import {
  parseQuantity,
  printQuantity,
  quantityOfMebibytes,
  quantityOfNumber,
  sameQuantity,
} from '../../../../src/domain/k8s/quantity.ts';

const reprinted = (text: string): string => {
  const quantity = parseQuantity(text);
  return quantity.ok ? printQuantity(quantity.value) : 'refused';
};

describe('a quantity is printed as apimachinery prints it', () => {
  test.each([
    ['0', '0'],
    ['0.05', '50m'],
    ['0.100', '100m'],
    ['-0.05', '-50m'],
    ['+0.05', '50m'],
    ['0.0001', '100u'],
    ['2.000', '2'],
    ['1.25', '1250m'],
    ['1000m', '1'],
    ['0.5Ki', '512'],
    ['1.5Gi', '1536Mi'],
    ['1024Mi', '1Gi'],
    ['0.0000000001', '1n'],
    ['-0.0000000001', '-1n'],
    ['0.3Ki', '307200m'],
    ['12345678901234567890', '12345678901234567890'],
    ['1000000000000000000000', '1e21'],
    ['100Ei', '9223372036854775807'],
    ['5e0', '5e0'],
    ['0.5e1', '5'],
  ])('%s is %s', (text, expected) => expect(reprinted(text)).toBe(expected));

  test.each(['1.500', '12.250', '1e3', '1.5e1', '1e-3', '1k', '1n', '5m', '1Ki', '3Mi', '1'])(
    '%s stays as it was written',
    (text) => expect(reprinted(text)).toBe(text),
  );

  test.each(['', ' 1', '10%', '1kk', '1i', 'x', '--1', '1e', '.', '1e101', '1'.repeat(65), '1,5', '1 Ki'])(
    '%j is refused',
    (text) => expect(reprinted(text)).toBe('refused'),
  );
});

describe('numbers of annotations', () => {
  test.each([
    [0.5, '500m'],
    [1000, '1k'],
    [1500, '1500'],
    [47.25, '47250m'],
    [0.1, '100m'],
    [1e-7, '100n'],
    [0.0000025, '2500n'],
    [1e-10, '1n'],
    [1e21, '1e21'],
    [0, '0'],
    [-0, '0'],
    [-2.5, '-2500m'],
  ])('%d as a quantity is %s', (n, expected) => expect(quantityOfNumber(n)).toBe(expected));

  test.each([
    [0.5, '0.5'],
    [1000, '1000'],
    [1e21, '1000000000000000000000'],
    [1.5e21, '1500000000000000000000'],
    [1e-7, '0.0000001'],
    [-0.25, '-0.25'],
    [-0, '0'],
  ])('%d in plain digits is %s', (n, expected) => expect(decimalText(n)).toBe(expected));

  test.each([
    [1, '1Mi'],
    [1024, '1Gi'],
    [1536, '1536Mi'],
    [0.5, '512Ki'],
    [0.1, '104857600m'],
    [75.5, '77312Ki'],
  ])('%d MiB is %s', (n, expected) => expect(quantityOfMebibytes(n)).toBe(expected));

  test.each([Number.NaN, Infinity, -Infinity])('%d is no quantity', (n) => {
    expect(() => quantityOfNumber(n)).toThrow(RangeError);
    expect(() => decimalText(n)).toThrow(RangeError);
  });
});

describe('laws', () => {
  const number = fc.double({ noNaN: true, noDefaultInfinity: true });

  test('plain digits are a JSON number that reads back as the same double', () =>
    fc.assert(
      fc.property(number, (n) => {
        expect(JSON.parse(decimalText(n))).toBe(n + 0);
        expect(decimalText(n)).toMatch(/^-?\d+(\.\d+)?$/);
      }),
    ));

  test('what is printed is read as the same amount, and printed the same again', () =>
    fc.assert(
      fc.property(
        fc.double({ min: 1e-6, max: 1e15, noNaN: true }),
        fc.constantFrom('', 'm', 'k', 'Ki', 'Gi'),
        (n, suffix) => {
          const first = parseQuantity(decimalText(n).slice(0, 40) + suffix);
          if (!first.ok) throw new Error(first.error);
          const again = parseQuantity(printQuantity(first.value));
          if (!again.ok) throw new Error(again.error);
          expect(sameQuantity(first.value, again.value)).toBe(true);
          expect(printQuantity(again.value)).toBe(printQuantity(first.value));
        },
      ),
    ));

  test('thousandths are exact', () =>
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2 ** 31 - 1 }), (milli) => {
        const printed = parseQuantity(quantityOfNumber(milli / 1000));
        const meant = parseQuantity(`${milli}m`);
        expect(printed.ok && meant.ok && sameQuantity(printed.value, meant.value)).toBe(true);
      }),
    ));

  test('any text is read or refused', () =>
    fc.assert(fc.property(fc.string(), (text) => void parseQuantity(text))));
});
