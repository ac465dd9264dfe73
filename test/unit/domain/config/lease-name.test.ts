import { expect, test } from '@jest/globals';
import { leaseNamesOf, otherLeaseNames } from '../../../../src/domain/config/lease-name.ts';

const UPSTREAM = 'hpaautoscaler.knative.dev.serving.pkg.reconciler.autoscaling.hpa.reconciler';

test('the HPA class takes the lease of autoscaler-hpa, whatever else is served', () => {
  expect(leaseNamesOf(['hpa.autoscaling.knative.dev'], 1)).toEqual([`${UPSTREAM}.00-of-01`]);
  expect(leaseNamesOf(['bridge.example.com', 'hpa.autoscaling.knative.dev'], 1)).toEqual([
    `${UPSTREAM}.00-of-01`,
  ]);
});

test('and as many of its leases as there are buckets', () => {
  expect(leaseNamesOf(['hpa.autoscaling.knative.dev'], 3)).toEqual([
    `${UPSTREAM}.00-of-03`,
    `${UPSTREAM}.01-of-03`,
    `${UPSTREAM}.02-of-03`,
  ]);
  expect(leaseNamesOf(['hpa.autoscaling.knative.dev'], 10).at(-1)).toBe(`${UPSTREAM}.09-of-10`);
});

test('nobody may lead under a lease of another number of buckets', () => {
  const others = otherLeaseNames(['hpa.autoscaling.knative.dev'], 4);
  expect(others).toHaveLength(9);
  expect(others).toContain(`${UPSTREAM}.00-of-01`);
  expect(others).not.toContain(`${UPSTREAM}.00-of-04`);
  expect(otherLeaseNames(['bridge.example.com'], 2)[0]).toBe('hpa-bridge.bridge.example.com');
});

test('classes of our own leave the leases of autoscaler-hpa alone', () => {
  expect(leaseNamesOf(['bridge.example.com'], 1)).toEqual(['hpa-bridge.bridge.example.com']);
  expect(leaseNamesOf(['bridge.example.com'], 2)).toEqual([
    'hpa-bridge.bridge.example.com.00-of-02',
    'hpa-bridge.bridge.example.com.01-of-02',
  ]);
});

test.each([1, 10])('several classes, or a long one, have names that fit and differ: %d buckets', (count) => {
  const long = `${'a'.repeat(200)}.${'b'.repeat(50)}`;
  const names = [['a.example.com', 'b.example.com'], ['a.example.com', 'c.example.com'], [long]].flatMap(
    (classes) => leaseNamesOf(classes, count),
  );
  expect(new Set(names).size).toBe(3 * count);
  for (const name of names) expect(name).toMatch(/^hpa-bridge\.[0-9a-f]{16}(\.\d\d-of-10)?$/);
});
