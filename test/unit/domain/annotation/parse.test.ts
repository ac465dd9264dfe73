import { describe, expect, test } from '@jest/globals';
import type { Mistake } from '../../../../src/domain/annotation/mistake.ts';
import { readSettings } from '../../../../src/domain/annotation/parse.ts';
import { ANNOTATIONS, SETTINGS, spellings } from '../../../../src/domain/annotation/table.ts';

const group = 'autoscaling.knative.dev/';
const mistakesOf = (annotations: Record<string, string>): readonly Mistake[] =>
  readSettings(annotations).mistakes;
const effectOf = (key: string, value: string): string | undefined => mistakesOf({ [key]: value })[0]?.effect;

describe('the table', () => {
  const keys = SETTINGS.flatMap(spellings);
  test('no key is spelt twice', () => expect(new Set(keys).size).toBe(keys.length));
  test.each(SETTINGS)('the example of %s is without mistake, under every spelling', (setting) => {
    for (const key of spellings(setting)) {
      const { settings, mistakes } = readSettings({ [key]: ANNOTATIONS[setting].example });
      expect(mistakes).toEqual([]);
      expect(settings[setting]).toBeDefined();
    }
  });
});

describe('spellings', () => {
  test('the first one present counts, even if its value is broken', () => {
    const { settings, mistakes } = readSettings({ [`${group}min-scale`]: 'many', [`${group}minScale`]: '3' });
    expect(settings.minScale).toBeUndefined();
    expect(mistakes.map(({ key }) => key)).toEqual([`${group}min-scale`]);
  });
  test('`query` is read as `prometheus-query`', () => {
    expect(readSettings({ [`${group}query`]: 'up' }).settings.prometheusQuery).toBe('up');
    expect(
      readSettings({ [`${group}query`]: 'up', [`${group}prometheus-query`]: 'down' }).settings
        .prometheusQuery,
    ).toBe('down');
  });
  test('names of Object are not annotations', () => {
    expect(readSettings({ constructor: 'x', __proto__: 'y' }).mistakes).toEqual([]);
  });
});

describe('values', () => {
  test('nothing is undefined everywhere and without mistake', () => {
    const { settings, mistakes } = readSettings({});
    expect(new Set(Object.values(settings))).toEqual(new Set([undefined]));
    expect(Object.keys(settings)).toEqual([...SETTINGS]);
    expect(mistakes).toEqual([]);
  });
  test('what does not parse is absent, and the sentence says what is expected', () => {
    const { settings, mistakes } = readSettings({ [`${group}min-scale`]: '2147483648' });
    expect(settings.minScale).toBeUndefined();
    expect(mistakes).toEqual([
      {
        effect: 'ignored',
        key: `${group}min-scale`,
        message: `${group}min-scale is "2147483648", which has no effect: expected a whole number from 0 to 2147483647, for example 2.`,
      },
    ]);
  });
  test.each([
    ['min-scale', '-1', 'used'],
    ['max-scale', '-1', 'refused'],
    ['target', '0', 'refused'],
    ['target', '-1', 'refused'],
    ['target', 'NaN', 'refused'],
    ['target', 'Inf', 'refused'],
    ['target', '0.001', 'used'],
    ['window', '5s', 'used'],
    ['window', '1h1s', 'used'],
    ['window', '6500ms', 'used'],
    ['window', '90', 'ignored'],
    ['activation-scale', '1', 'used'],
    ['target-burst-capacity', '-2', 'used'],
  ])('%s of %s is %s', (name, value, effect) => expect(effectOf(group + name, value)).toBe(effect));

  test.each([
    ['target', '0.01'],
    ['target', '0.5'],
    ['target-burst-capacity', '-1'],
    ['max-scale', '0'],
    ['metric-aggregation-algorithm', ''],
    ['metric', ''],
  ])('%s of %j is fine', (name, value) => expect(effectOf(group + name, value)).toBeUndefined());

  test('values that admission would refuse are carried on', () => {
    const { settings } = readSettings({ [`${group}min-scale`]: '-5', [`${group}target`]: '-1e0' });
    expect(settings).toMatchObject({ minScale: -5, target: -1 });
  });
  test('a long value is shortened and control characters are escaped', () => {
    const [mistake] = mistakesOf({ 'hpa-bridge.dev/backend': `\n${'x'.repeat(100_000)}end` });
    expect(mistake?.message.length).toBeLessThan(200);
    expect(mistake?.message).toMatch(
      /^hpa-bridge\.dev\/backend is "\\nx+…x+end", which has no effect: expected auto, keda or hpa/,
    );
  });
});

describe('unknown keys', () => {
  test('with our prefix they are reported with the nearest known one', () => {
    expect(mistakesOf({ 'hpa-bridge.dev/backedn': 'hpa' })).toEqual([
      {
        effect: 'unknown',
        key: 'hpa-bridge.dev/backedn',
        message:
          '"hpa-bridge.dev/backedn" is not an annotation of hpa-bridge; did you mean hpa-bridge.dev/backend?',
      },
    ]);
  });
  test('what is near to nothing gets no suggestion', () => {
    expect(mistakesOf({ 'hpa-bridge.dev/zzzzzzzzzz': '' })[0]?.message).not.toContain('did you mean');
  });
  test('with other prefixes they are none of our business', () => {
    expect(mistakesOf({ [`${group}minscale`]: '1', 'example.com/x': '', 'hpa-bridge.dev': '' })).toEqual([]);
  });
});
