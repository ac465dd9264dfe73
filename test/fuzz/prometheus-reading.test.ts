import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { FAULTS } from '../../src/domain/fault.ts';
import { isNumber } from '../../src/domain/prometheus/answer.ts';
import { readAnswer } from '../../src/domain/prometheus/reading.ts';

const numRuns = Number(process.env['FUZZ_RUNS'] ?? 500);

const sample = fc.tuple(
  fc.oneof(fc.double(), fc.string()),
  fc.oneof(fc.double().map(String), fc.constantFrom('NaN', '+Inf', '-Inf'), fc.string(), fc.constant(null)),
);
const series = fc.record(
  { metric: fc.object(), value: sample, values: fc.array(sample), histogram: fc.anything() },
  { requiredKeys: [] },
);
const body = fc.record(
  {
    status: fc.constantFrom('success', 'error', 'other'),
    errorType: fc.constantFrom('bad_data', 'execution', 'timeout', '__proto__', 'constructor'),
    error: fc.anything(),
    warnings: fc.oneof(fc.array(fc.string()), fc.anything()),
    infos: fc.array(fc.string()),
    data: fc.oneof(
      fc.record({
        resultType: fc.constantFrom('vector', 'scalar', 'matrix', 'string', 'other'),
        result: fc.oneof(fc.array(series, { maxLength: 3 }), sample, fc.anything()),
      }),
      fc.anything(),
    ),
  },
  { requiredKeys: ['status'] },
);
const json = fc.oneof(body, fc.anything()).map((value) => {
  try {
    return JSON.stringify(value ?? null);
  } catch {
    return '{"a":';
  }
});
const text = fc.oneof(
  json,
  fc.tuple(json, fc.nat(200)).map(([whole, at]) => whole.slice(0, at)),
  fc.string({ unit: 'binary' }),
);
const status = fc.oneof(fc.constantFrom(200, 204, 302, 400, 401, 422, 429, 500, 503), fc.nat(999));

test('every answer is a finite number or a fault that is declared, with a sentence', () => {
  fc.assert(
    fc.property(text, status, fc.boolean(), (given, code, allowPartial) => {
      const reading = readAnswer({ status: code, body: given }, { allowPartial });
      if (isNumber(reading)) {
        expect(Number.isFinite(reading.number)).toBe(true);
        expect(code >= 200 && code < 300).toBe(true);
      } else {
        expect(Object.keys(FAULTS)).toContain(reading.is);
        expect(reading.message).toMatch(/^[^\n]+$/);
      }
    }),
    { numRuns },
  );
});

test('a body that was cut anywhere is no number', () => {
  const whole = JSON.stringify({
    status: 'success',
    data: { resultType: 'vector', result: [{ metric: { a: '"{\\' }, value: [1.5, '123'] }] },
  });
  fc.assert(
    fc.property(fc.nat(whole.length - 1), (at) => {
      const { is } = readAnswer({ status: 200, body: whole.slice(0, at) }, { allowPartial: true });
      expect(is).toBe(at === 0 ? 'prometheus_malformed' : 'prometheus_truncated');
    }),
    { numRuns },
  );
});
