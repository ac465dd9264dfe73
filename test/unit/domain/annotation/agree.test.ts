import { describe, expect, test } from '@jest/globals';
import { disagreements } from '../../../../src/domain/annotation/agree.ts';
import { readSettings } from '../../../../src/domain/annotation/parse.ts';
import { resolvedInitialScale, scaleBounds } from '../../../../src/domain/annotation/resolve.ts';
import { AUTOSCALER_DEFAULTS, type AutoscalerConfig } from '../../../../src/domain/config/autoscaler.ts';

const group = 'autoscaling.knative.dev/';
interface Case {
  readonly annotations: Record<string, string>;
  readonly config?: Partial<AutoscalerConfig>;
  readonly reachability?: string;
}
const found = ({ annotations, config = {}, reachability = 'Reachable' }: Case): string[] => {
  const prefixed = Object.fromEntries(
    Object.entries(annotations).map(([name, value]) => [group + name, value]),
  );
  const { settings } = readSettings(prefixed);
  return disagreements(settings, { ...AUTOSCALER_DEFAULTS, ...config }, reachability).map(
    ({ effect, key }) => `${effect} ${key.slice(group.length)}`,
  );
};

describe('what disagrees', () => {
  test.each<[string, Case, string[]]>([
    [
      'a minimum above the maximum',
      { annotations: { 'min-scale': '5', 'max-scale': '3' } },
      ['refused min-scale'],
    ],
    ['nothing when the maximum is unlimited', { annotations: { 'min-scale': '5', 'max-scale': '0' } }, []],
    ['nothing when they are equal', { annotations: { 'min-scale': '3', 'max-scale': '3' } }, []],
    [
      'nothing while the revision is unreachable',
      { annotations: { 'min-scale': '5', 'max-scale': '3' }, reachability: 'Unreachable' },
      [],
    ],
    [
      'a maximum below the minimum of the config',
      { annotations: { 'max-scale': '3' }, config: { minScale: 4 } },
      ['refused max-scale'],
    ],
    [
      'a maximum above the limit',
      { annotations: { 'max-scale': '30' }, config: { maxScale: 10, maxScaleLimit: 20 } },
      ['used max-scale'],
    ],
    [
      'an unlimited maximum where there is a limit',
      { annotations: { 'max-scale': '0' }, config: { maxScale: 10, maxScaleLimit: 20 } },
      ['used max-scale'],
    ],
    [
      'a start above the maximum',
      { annotations: { 'activation-scale': '4', 'max-scale': '3' } },
      ['used activation-scale'],
    ],
    [
      'a start below the minimum',
      { annotations: { 'activation-scale': '2', 'min-scale': '3' } },
      ['used activation-scale'],
    ],
    ['a first scale of zero', { annotations: { 'initial-scale': '0' } }, ['ignored initial-scale']],
    [
      'nothing when a first scale of zero is allowed',
      { annotations: { 'initial-scale': '0' }, config: { allowZeroInitialScale: true } },
      [],
    ],
  ])('%s', (_, asked, mistakes) => expect(found(asked)).toEqual(mistakes));
});

describe('what is resolved', () => {
  const config = { ...AUTOSCALER_DEFAULTS, minScale: 1, maxScale: 9, initialScale: 2 };
  const read = (name: string, value: string) => readSettings({ [group + name]: value }).settings;
  test('annotations go before the config', () => {
    expect(scaleBounds(read('min-scale', '4'), config, '')).toEqual({ min: 4, max: 9 });
    expect(scaleBounds(read('max-scale', '0'), config, '')).toEqual({ min: 1, max: 0 });
  });
  test('only exactly Unreachable takes the minimum away', () => {
    expect(scaleBounds(read('min-scale', '4'), config, 'Unreachable').min).toBe(0);
    expect(scaleBounds(read('min-scale', '4'), config, 'unreachable').min).toBe(4);
  });
  test('a first scale of zero counts only where it is allowed', () => {
    expect(resolvedInitialScale(read('initial-scale', '0'), config)).toBe(2);
    expect(resolvedInitialScale(read('initial-scale', '0'), { ...config, allowZeroInitialScale: true })).toBe(
      0,
    );
    expect(resolvedInitialScale(read('initial-scale', '7'), config)).toBe(7);
  });
});

describe('what is fallen back to', () => {
  const said = (annotations: Record<string, string>): string[] => {
    const own = Object.entries(annotations).map(([name, text]) =>
      name === 'max-scale' ? [group + name, text] : [`hpa-bridge.dev/${name}`, text],
    );
    const { settings } = readSettings(Object.fromEntries(own) as Record<string, string>);
    return disagreements(settings, AUTOSCALER_DEFAULTS, 'Reachable').map(
      ({ effect, key }) => `${effect} ${key}`,
    );
  };
  test.each<[Record<string, string>, string[]]>([
    [{ fallback: 'replicas' }, ['ignored hpa-bridge.dev/fallback']],
    [{ fallback: 'replicas', 'fallback-replicas': '3' }, []],
    [{ 'fallback-replicas': '3' }, []],
    [{ fallback: 'hold', 'fallback-replicas': '3' }, ['ignored hpa-bridge.dev/fallback-replicas']],
    [{ 'fallback-replicas': '3', 'max-scale': '3' }, []],
    [{ 'fallback-replicas': '4', 'max-scale': '3' }, ['used hpa-bridge.dev/fallback-replicas']],
  ])('%j: %j', (annotations, mistakes) => expect(said(annotations)).toEqual(mistakes));
});
