import { describe, expect, test } from '@jest/globals';
import { AUTOSCALER_DEFAULTS } from '../../../../src/domain/config/autoscaler.ts';
import { nanos, SECOND } from '../../../../src/domain/go/duration.ts';
import type { ConditionStatus } from '../../../../src/domain/k8s/read/condition.ts';
import { canBeProbed, probeUrl } from '../../../../src/domain/scale/activator-probe.ts';
import { bounded } from '../../../../src/domain/scale/bounded.ts';
import type { Scaled } from '../../../../src/domain/scale/scaled.ts';
import { scalingOf, type NeedsProof, type Scaling } from '../../../../src/domain/scale/scaling.ts';
import { instant } from '../../../../src/domain/time.ts';
import { scaledOf, settingsOf } from '../../../builders/scale.ts';

const NOW = instant(1_700_000_000_000);
const ago = (seconds: number): ReturnType<typeof instant> => instant(NOW - seconds * 1000);
const since = (status: ConditionStatus, seconds: number): Scaled['active'] => ({
  status,
  since: ago(seconds),
});
const idle = (changed: Partial<Scaled>, inPath?: boolean): Scaling | NeedsProof =>
  scalingOf(scaledOf(changed), 0, NOW, inPath);

describe('bounds', () => {
  const held = (wanted: number, changed: Partial<Scaled>): ReturnType<typeof bounded> =>
    bounded(scaledOf(changed), wanted);
  const between = { settings: settingsOf({ minScale: 2, maxScale: 5 }) };

  test.each<[string, number, Partial<Scaled>, ReturnType<typeof bounded>]>([
    ['what lies between stays', 3, between, { pods: 3 }],
    ['max-scale caps', 9, between, { pods: 5, by: 'max-scale', bound: 5 }],
    ['min-scale lifts', 0, between, { pods: 2, by: 'min-scale', bound: 2 }],
    ['not where nothing routes', 0, { ...between, reachability: 'Unreachable' }, { pods: 0 }],
    ['max-scale 0 is no limit', 9000, {}, { pods: 9000 }],
  ])('%s', (_, wanted, changed, expected) => {
    expect(held(wanted, changed)).toEqual(expected);
  });

  test('until the revision has started its initial scale lifts', () => {
    const settings = settingsOf({ initialScale: 4, minScale: 2 });
    expect(held(1, { settings, initialized: false })).toEqual({ pods: 4, by: 'initial-scale', bound: 4 });
    expect(held(1, { settings })).toEqual({ pods: 2, by: 'min-scale', bound: 2 });
  });
});

test('nothing measured yet moves only a revision that is starting', () => {
  const settings = settingsOf({ minScale: 3 });
  expect(scalingOf(scaledOf({ settings, active: since('Unknown', 1) }), -1, NOW)).toMatchObject({
    want: 3,
    replicas: 3,
  });
  expect(scalingOf(scaledOf({ settings, active: since('True', 1) }), -1, NOW)).toMatchObject({
    want: -1,
    replicas: undefined,
  });
});

test('bounds below zero are no number of replicas', () => {
  const settings = settingsOf({ maxScale: -3 });
  expect(scalingOf(scaledOf({ settings, active: since('True', 1) }), 2, NOW)).toMatchObject({
    want: -3,
    replicas: undefined,
  });
});

describe('the way to zero', () => {
  test('is closed where scale to zero is off', () => {
    expect(idle({ config: { ...AUTOSCALER_DEFAULTS, enableScaleToZero: false } })).toMatchObject({
      replicas: 1,
      zero: 'scale-to-zero-disabled',
    });
  });

  test('waits for the start, and gives it up after the progress deadline and half a minute', () => {
    expect(idle({ active: since('Unknown', 630) })).toMatchObject({
      want: -1,
      replicas: undefined,
      revisit: 630_000,
    });
    expect(idle({ active: since('Unknown', 631) })).toMatchObject({
      replicas: 0,
      zero: 'activation-timed-out',
    });
  });

  test('keeps one pod until the revision was active for a stable window', () => {
    expect(idle({ active: since('True', 20) })).toMatchObject({ replicas: 1, revisit: 40_000 });
  });

  test('then tells that nothing is wanted, and keeps the pods', () => {
    expect(idle({ active: since('True', 60) })).toEqual({
      want: 0,
      replicas: undefined,
      limited: { pods: 0 },
      zero: 'idle-for-a-window',
    });
  });

  test('comes back by itself where no object changes', () => {
    const proxy = { wanted: true, since: undefined };
    expect(idle({ active: since('True', 60), proxy })).toMatchObject({ want: 0, revisit: 3000 });
  });

  test('asks whether requests reach the activator', () => {
    expect(idle({ active: since('False', 60) })).toEqual({ prove: true });
  });

  test('takes no pod while they do not', () => {
    expect(idle({ active: since('False', 600) }, false)).toMatchObject({
      replicas: undefined,
      awaitProof: true,
    });
  });

  test('does not ask where all requests go to the activator anyway', () => {
    const settings = settingsOf({ targetBurstCapacity: -1 });
    expect(idle({ settings, active: since('False', 30) })).toMatchObject({ replicas: 0 });
  });

  test('waits for the grace period, at most', () => {
    expect(idle({ active: since('False', 29) }, true)).toMatchObject({
      replicas: undefined,
      revisit: 30_000,
    });
    expect(idle({ active: since('False', 30) }, true)).toMatchObject({ replicas: 0 });
  });

  test('is shorter when the activator was in the path for long enough', () => {
    const behind = (seconds: number): Scaling | NeedsProof =>
      idle({ active: since('False', 5), proxy: { wanted: true, since: ago(seconds) } }, true);
    expect(behind(29)).toMatchObject({ replicas: undefined, revisit: 1000 });
    expect(behind(30)).toMatchObject({ replicas: 0, zero: 'proxied-long-enough' });
  });

  test('is longer with a retention', () => {
    const settings = settingsOf({ scaleToZeroPodRetentionPeriod: nanos(90n * SECOND) });
    const proxy = { wanted: true, since: ago(1000) };
    expect(idle({ settings, proxy, active: since('False', 89) }, true)).toMatchObject({
      replicas: undefined,
      revisit: 1000,
      zero: 'pod-retention',
    });
    expect(idle({ settings, proxy, active: since('False', 90) }, true)).toMatchObject({ replicas: 0 });
  });
});

test('the probe goes to the Service, by the port of its protocol', () => {
  const service = { name: 'hello-00001', namespace: 'default', protocol: 'http1' };
  expect(probeUrl(service, 'cluster.local')).toBe('http://hello-00001.default.svc.cluster.local:80//healthz');
  expect(probeUrl({ ...service, protocol: 'h2c' }, 'corp')).toBe(
    'http://hello-00001.default.svc.corp:81//healthz',
  );
  expect([canBeProbed(service), canBeProbed({ ...service, name: '' })]).toEqual([true, false]);
});
