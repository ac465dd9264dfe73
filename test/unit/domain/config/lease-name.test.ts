import { expect, test } from '@jest/globals';
import { leaseNameOf } from '../../../../src/domain/config/lease-name.ts';

const UPSTREAM = 'hpaautoscaler.knative.dev.serving.pkg.reconciler.autoscaling.hpa.reconciler.00-of-01';

test('the HPA class takes the lease of autoscaler-hpa, whatever else is served', () => {
  expect(leaseNameOf(['hpa.autoscaling.knative.dev'])).toBe(UPSTREAM);
  expect(leaseNameOf(['bridge.example.com', 'hpa.autoscaling.knative.dev'])).toBe(UPSTREAM);
});

test('classes of our own leave the lease of autoscaler-hpa alone', () => {
  expect(leaseNameOf(['bridge.example.com'])).toBe('hpa-bridge.bridge.example.com');
});

test('several classes, or a long one, have a name that fits and differs', () => {
  const long = `${'a'.repeat(200)}.${'b'.repeat(50)}`;
  const names = [['a.example.com', 'b.example.com'], ['a.example.com', 'c.example.com'], [long]].map(
    leaseNameOf,
  );
  expect(new Set(names).size).toBe(3);
  for (const name of names) expect(name).toMatch(/^hpa-bridge\.[0-9a-f]{16}$/);
});
