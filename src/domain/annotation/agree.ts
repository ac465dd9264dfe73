import type { AutoscalerConfig } from '../config/autoscaler.ts';
import type { Mistake } from './mistake.ts';
import { resolvedInitialScale, scaleBounds, type ScaleBounds } from './resolve.ts';
import type { Settings } from './settings.ts';
import { keyOfSetting } from './table.ts';

interface Sight {
  readonly settings: Settings;
  readonly config: AutoscalerConfig;
  readonly bounds: ScaleBounds;
}

/** A rule between annotations, or between an annotation and the platform owner's config. */
type Rule = (sight: Sight) => Mistake | undefined;

const MIN = keyOfSetting('minScale');
const MAX = keyOfSetting('maxScale');
const ACTIVATION = keyOfSetting('activationScale');
const INITIAL = keyOfSetting('initialScale');

const minAboveMax: Rule = ({ bounds: { min, max } }) =>
  max > 0 && min > max
    ? {
        effect: 'refused',
        key: MIN,
        message: `${MIN} is ${min}, which is above ${MAX} of ${max}: expected at most as much (an absent annotation stands for its value in config-autoscaler).`,
      }
    : undefined;

const maxAboveLimit: Rule = ({ settings: { maxScale }, config: { maxScaleLimit: limit } }) =>
  maxScale !== undefined && limit > 0 && (maxScale === 0 || maxScale > limit)
    ? {
        effect: 'used',
        key: MAX,
        message: `${MAX} is ${maxScale === 0 ? '0 (unlimited)' : maxScale}: expected 1 to ${limit}, which is max-scale-limit in config-autoscaler.`,
      }
    : undefined;

const activationOutsideBounds: Rule = ({ settings: { activationScale: start }, bounds: { min, max } }) =>
  start !== undefined && (start < min || (max > 0 && start > max))
    ? {
        effect: 'used',
        key: ACTIVATION,
        message: `${ACTIVATION} is ${start}: expected a number from ${MIN} of ${min} to ${MAX} of ${max === 0 ? '0 (unlimited)' : max}.`,
      }
    : undefined;

const zeroStartNotAllowed: Rule = ({ settings, config }) =>
  settings.initialScale === 0 && !config.allowZeroInitialScale
    ? {
        effect: 'ignored',
        key: INITIAL,
        message: `${INITIAL} is 0, which allow-zero-initial-scale in config-autoscaler does not allow: expected at least 1; ${resolvedInitialScale(settings, config)} is used.`,
      }
    : undefined;

const RULES: readonly Rule[] = [minAboveMax, maxAboveLimit, activationOutsideBounds, zeroStartNotAllowed];

/** What is wrong between annotations whose values are each fine. The key of a mistake is the canonical one. */
export function disagreements(
  settings: Settings,
  config: AutoscalerConfig,
  reachability: string,
): readonly Mistake[] {
  const bounds = scaleBounds(settings, config, reachability);
  return RULES.flatMap((rule) => rule({ settings, config, bounds }) ?? []);
}
