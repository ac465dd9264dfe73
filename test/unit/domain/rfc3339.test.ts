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

test('a moment is read back as it was written', () => {
  const years = { min: Date.UTC(0, 0, 1) / 1000, max: Date.UTC(9999, 11, 31, 23, 59, 59) / 1000 };
  fc.assert(
    fc.property(fc.integer(years), (seconds) => {
      expect(parseRfc3339(rfc3339(instant(seconds * 1000)))).toBe(seconds * 1000);
    }),
  );
});

test('parts of a second are cut; what is no time in UTC is none', () => {
  expect(parseRfc3339('2026-01-02T03:04:05.678Z')).toBe(1_767_323_045_000);
  for (const text of ['', 'yesterday', '2026-01-02', '2026-01-02T03:04:05+01:00'])
    expect(parseRfc3339(text)).toBeUndefined();
});
