import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { rfc3339 } from '../../../src/domain/rfc3339.ts';
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
