import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parseRfc3339, rfc3339 } from '../../../src/domain/rfc3339.ts';
import { instant } from '../../../src/domain/time.ts';

test('whole seconds, cut', () => {
  expect(rfc3339(instant(1_767_323_045_999))).toBe('2026-01-02T03:04:05Z');
  expect(rfc3339(instant(0))).toBe('1970-01-01T00:00:00Z');
  expect(rfc3339(instant(-1))).toBe('1969-12-31T23:59:59Z');
});

test('agrees with the calendar of the platform', () => {
  const years = { min: Date.UTC(0, 0, 1), max: Date.UTC(9999, 11, 31, 23, 59, 59) };
  fc.assert(
    fc.property(fc.integer(years), (at) => {
      expect(rfc3339(instant(at))).toBe(new Date(at).toISOString().replace(/\.\d+Z$/, 'Z'));
    }),
  );
});

test('what is written is read again', () => {
  const years = { min: Date.UTC(0, 0, 1) / 1000, max: Date.UTC(9999, 11, 31, 23, 59, 59) / 1000 };
  fc.assert(
    fc.property(fc.integer(years), (second) => {
      expect(parseRfc3339(rfc3339(instant(second * 1000)))).toBe(second * 1000);
    }),
  );
});

test.each([
  '',
  '2026-02-29T00:00:00Z',
  '2026-13-01T00:00:00Z',
  '2026-01-01T24:00:00Z',
  '2026-01-01',
  '2026-01-01T00:00:00.5Z',
])('no time: %j', (text) => expect(parseRfc3339(text)).toBeUndefined());
