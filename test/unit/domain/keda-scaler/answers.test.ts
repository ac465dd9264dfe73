import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  isActive,
  metricSpec,
  metricValue,
  unknownMetric,
} from '../../../../src/domain/keda-scaler/answers.ts';
import { revisionOf } from '../../../../src/domain/keda-scaler/scaled-object-ref.ts';
import { keyOf } from '../../../../src/domain/key.ts';
import type { Told } from '../../../../src/domain/signal/told.ts';
import { instant, seconds } from '../../../../src/domain/time.ts';

const KEY = keyOf('shop', 'cart-00001');
const value = (number: number): Told => ({
  is: 'value',
  value: number,
  at: instant(0),
  interval: seconds(15),
});
const NOTHING: Told = { is: 'nothing', reason: 'QueryTimeout', message: 'Prometheus did not answer.' };

describe('a value', () => {
  test.each([
    [0, 0, false],
    [0.001, 0.001, true],
    [0.5, 0.5, true],
    [7, 7, true],
    // KEDA takes a float that is not above 0 for absent: what is negative is 0 there in any case.
    [-3, 0, false],
    // Thousandths of more do not fit into the int64 of the HPA.
    [1e300, 9_007_199_254_740_991, true],
  ])('%d is told as %d, active: %s', (told, metricValueFloat, active) => {
    expect(metricValue(KEY, value(told))).toEqual({
      ok: true,
      value: { metricName: 'hpa-bridge-query', metricValueFloat },
    });
    expect(isActive(KEY, value(told))).toEqual({ ok: true, value: active });
  });

  test('active is what is above the activation threshold', () => {
    const active = [4, 5, 6].map((told) => isActive(KEY, value(told), { activationThreshold: 5 }));
    expect(active).toEqual([false, false, true].map((is) => ({ ok: true, value: is })));
  });

  test('every finite number is told as one that KEDA can hear', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (number) => {
        const told = metricValue(KEY, value(number));
        expect(told.ok).toBe(true);
        if (!told.ok) return;
        expect(told.value.metricValueFloat).toBeGreaterThanOrEqual(0);
        expect(Number.isSafeInteger(Math.floor(told.value.metricValueFloat))).toBe(true);
        // KEDA takes the float only when it is above 0, and 0 from the other field otherwise.
        if (number > 0 && number < Number.MAX_SAFE_INTEGER) expect(told.value.metricValueFloat).toBe(number);
      }),
    );
  });
});

describe('no value', () => {
  test('what is not told is unavailable, in the words of who tells', () => {
    const refusal = { ok: false, error: { code: 'UNAVAILABLE', message: NOTHING.message } };
    expect(metricValue(KEY, NOTHING)).toEqual(refusal);
    expect(isActive(KEY, NOTHING)).toEqual(refusal);
  });

  test('a revision that is not measured is not found, and never a zero', () => {
    const refusal = {
      ok: false,
      error: {
        code: 'NOT_FOUND',
        message:
          'No query of a revision "shop/cart-00001" is measured here: expected the name and namespace of a ScaledObject that hpa-bridge made.',
      },
    };
    expect(metricValue(KEY, undefined)).toEqual(refusal);
    expect(isActive(KEY, undefined)).toEqual(refusal);
  });
});

test.each([
  [0.25, 0.25],
  [5, 5],
  [0.001, 0.001],
  // As Kubernetes rounds the target of an HPA.
  [0.0625, 0.063],
  [2.0001, 2.001],
  [1000, 1000],
])('the target %d is told as %d', (target, targetSizeFloat) => {
  for (const metricType of ['AverageValue', 'Value'] as const)
    expect(metricSpec({ target, metricType })).toEqual({ metricName: 'hpa-bridge-query', targetSizeFloat });
});

test('a metric of another name is refused', () => {
  expect(unknownMetric('hpa-bridge-query')).toBeUndefined();
  expect(unknownMetric('s0-prometheus')).toEqual({
    code: 'INVALID_ARGUMENT',
    message: 'metricName is "s0-prometheus": expected "hpa-bridge-query", as GetMetricSpec says it.',
  });
});

describe('a ScaledObject means the revision', () => {
  test('of its name in its namespace', () => {
    expect(revisionOf({ namespace: 'shop', name: 'cart-00001' })).toEqual({ ok: true, value: KEY });
  });

  test.each([
    [
      { namespace: '', name: 'cart' },
      'scaledObjectRef.namespace is empty: expected the namespace of a ScaledObject.',
    ],
    [{ namespace: 'shop', name: '' }, 'scaledObjectRef.name is empty: expected the name of a ScaledObject.'],
  ])('%j is refused', (ref, message) => {
    expect(revisionOf(ref)).toEqual({ ok: false, error: { code: 'INVALID_ARGUMENT', message } });
  });

  test('of no other namespace, whatever the names hold', () => {
    const name = fc.string({ unit: fc.constantFrom('a', 'b', '/', '-', '.') });
    const rightful = fc.stringMatching(/^[a-z]([-a-z0-9]{0,8}[a-z0-9])?$/);
    fc.assert(
      fc.property(name, name, rightful, rightful, (namespace, asked, home, revision) => {
        const key = revisionOf({ namespace, name: asked });
        if (key.ok && key.value === keyOf(home, revision))
          expect([namespace, asked]).toEqual([home, revision]);
      }),
    );
  });
});
