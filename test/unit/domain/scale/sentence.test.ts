import { describe, expect, test } from '@jest/globals';
import { nanos, SECOND } from '../../../../src/domain/go/duration.ts';
import { arithmeticOf } from '../../../../src/domain/scale/arithmetic.ts';
import { decide, firstMemory, type Decision, type Memory } from '../../../../src/domain/scale/decide.ts';
import type { Scaled } from '../../../../src/domain/scale/scaled.ts';
import { scalingOf } from '../../../../src/domain/scale/scaling.ts';
import { sentenceOfScale } from '../../../../src/domain/scale/sentence.ts';
import { originOf, type ScaleRecord } from '../../../../src/domain/scale/record.ts';
import type { DeciderSpec } from '../../../../src/domain/scale/spec.ts';
import { instant } from '../../../../src/domain/time.ts';
import { scaledOf, settingsOf, specOf } from '../../../builders/scale.ts';

const NOW = instant(1_700_000_000_000);
const CALM: Memory = { panicAt: undefined, peak: 0, delay: undefined };
/** 70 % of 14 is not 10, so the sentence says what it is. */
const SEVENTY = { target: 10, total: 14, utilization: 10 / 14, panicThreshold: 1000 };

interface Case {
  readonly ready: number;
  readonly stable: number;
  readonly panic?: number;
  readonly spec?: Partial<DeciderSpec>;
  readonly scaled?: Partial<Scaled>;
  readonly was?: Memory;
  readonly from?: number;
  readonly after?: number;
}

function scaleOf({ ready, stable, panic = stable, ...rest }: Case): ScaleRecord {
  const { spec, scaled, was = CALM, from = ready, after = 0 } = rest;
  const at = instant(NOW + after * 1000);
  const decision = decide(specOf({ ...SEVENTY, ...spec }), { ready, stable, panic }, was, at);
  const active = { status: 'True', since: instant(0) } as const;
  const scaling = scalingOf(scaledOf({ active, ...scaled }), decision.pods, at, true);
  if ('prove' in scaling) throw new Error('asked for a probe');
  return { decision, scaling, from };
}

const TARGET = 'target 10 per pod (71.429 % of 14)';

describe('a scale in one sentence', () => {
  test.each<[string, Case, string]>([
    [
      'what was measured, the target and the cap',
      { ready: 3, stable: 67.2, scaled: { settings: settingsOf({ maxScale: 5 }) } },
      `3 -> 5: 67.2 in flight over 60 s, ${TARGET}, capped by max-scale 5`,
    ],
    ['nothing to do', { ready: 3, stable: 30 }, `stays at 3: 30 in flight over 60 s, ${TARGET}`],
    [
      'requests per second',
      { ready: 1, stable: 12.3456, spec: { metric: 'rps' } },
      `1 -> 2: 12.346 requests a second over 60 s, ${TARGET}`,
    ],
    [
      'a rate upwards',
      { ready: 2, stable: 900, spec: { maxScaleUpRate: 3 } },
      `2 -> 6: 900 in flight over 60 s, ${TARGET}, no more than 6 at once by max-scale-up-rate 3`,
    ],
    [
      'a rate downwards',
      { ready: 9, stable: 1 },
      `9 -> 4: 1 in flight over 60 s, ${TARGET}, no fewer than 4 at once by max-scale-down-rate 2`,
    ],
    [
      'the activation scale',
      { ready: 0, stable: 1, from: 0, spec: { activationScale: 3 } },
      `0 -> 3: 1 in flight over 60 s, ${TARGET}, lifted to 3 by activation-scale`,
    ],
    [
      'a panic that wants more',
      { ready: 2, stable: 20, panic: 70, spec: { panicThreshold: 2 } },
      `2 -> 7: 70 in flight over 6 s, ${TARGET}, in panic`,
    ],
    [
      'a panic that holds',
      { ready: 7, stable: 20, was: { ...CALM, panicAt: NOW, peak: 7 }, after: 30 },
      `stays at 7: 20 in flight over 60 s, ${TARGET}, held at 7 by a panic that was seen 30 s ago`,
    ],
    [
      'the minimum',
      { ready: 1, stable: 0, scaled: { settings: settingsOf({ minScale: 2 }) } },
      `1 -> 2: 0 in flight over 60 s, ${TARGET}, lifted by min-scale 2`,
    ],
    [
      'the last pod that stays',
      { ready: 1, stable: 0, scaled: { active: { status: 'False', since: NOW } } },
      `stays at 1: 0 in flight over 60 s, ${TARGET}, the last pod stays for scale-to-zero-grace-period`,
    ],
    [
      'the last pod that goes',
      { ready: 1, stable: 0, scaled: { active: { status: 'False', since: instant(0) } } },
      `1 -> 0: 0 in flight over 60 s, ${TARGET}, idle, and inactive for long enough`,
    ],
  ])('%s', (_, given, sentence) => {
    expect(sentenceOfScale(scaleOf(given))).toBe(sentence);
  });

  test('a delay that holds', () => {
    const spec = { scaleDownDelay: nanos(300n * SECOND) };
    const was = firstMemory(specOf({ ...SEVENTY, ...spec }), 1, NOW);
    scaleOf({ ready: 5, stable: 50, spec, was });
    expect(sentenceOfScale(scaleOf({ ready: 5, stable: 40, spec, was, after: 60 }))).toBe(
      `stays at 5: 40 in flight over 60 s, ${TARGET}, held at 5 by a scale-down-delay of 300 s`,
    );
  });
});

test('the arithmetic can be done again by hand', () => {
  const scale = scaleOf({
    ready: 3,
    stable: 67.2,
    panic: 70,
    scaled: { settings: settingsOf({ maxScale: 5 }) },
  });
  expect(arithmeticOf(scale).map(({ what, how, is }) => `${what}: ${how} = ${is}`)).toEqual([
    'target per pod: max(0.01, 14 * 0.7142857142857143) = 10',
    'pods for the stable window: ceil(67.2 / 10) = 7',
    'pods for the panic window: ceil(70 / 10) = 7',
    'no panic: 7 / 3 < 1000 = 2.3333333333333335',
    'max-scale: max-scale = 5',
    'pods: the result = 5',
    'excess burst capacity: floor(3 * 14 - 211 - 70) = -239',
  ]);
});

test('a decision knows how old its evidence is and who gave it', () => {
  const seenWith = (times: Partial<Decision['seen']>): ReturnType<typeof originOf> =>
    originOf(decide(specOf(), { ready: 1, stable: 1, panic: 1, ...times }, CALM, NOW));
  const scrapedAt = instant(NOW - 800);
  expect(seenWith({ scrapedAt, pushedAt: instant(NOW - 900) })).toEqual({ from: 'pods', age: 800 });
  expect(seenWith({ scrapedAt, pushedAt: instant(NOW - 100) })).toEqual({ from: 'proxies', age: 100 });
  expect(seenWith({})).toBeUndefined();
});
