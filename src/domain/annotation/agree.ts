import type { AutoscalerConfig } from '../config/autoscaler.ts';
import type { Mistake } from './mistake.ts';
import type { Annotations } from './parse.ts';
import { resolvedInitialScale, scaleBounds, type ScaleBounds } from './resolve.ts';
import type { Settings } from './settings.ts';
import { ANNOTATIONS, keyOfSetting, presentKey, type Setting } from './table.ts';

interface Sight {
  readonly settings: Settings;
  readonly config: AutoscalerConfig;
  readonly bounds: ScaleBounds;
  /** A key as the user wrote it. */
  readonly key: (setting: Setting) => string;
}

/** A rule between annotations, or between an annotation and the platform owner's config. */
type Rule = (sight: Sight) => Mistake | undefined;

/** A bound by its annotation or, where there is none, by its key in config-autoscaler. */
const nameOf = ({ settings, key }: Sight, bound: 'minScale' | 'maxScale'): string =>
  settings[bound] === undefined
    ? `${bound === 'minScale' ? 'min-scale' : 'max-scale'} in config-autoscaler`
    : key(bound);

const minAboveMax: Rule = (sight) => {
  const { min, max } = sight.bounds;
  if (max <= 0 || min <= max) return undefined;
  const [least, most] = [nameOf(sight, 'minScale'), nameOf(sight, 'maxScale')];
  // Only what the user wrote is the user's to change.
  const wrong = sight.settings.minScale === undefined ? 'maxScale' : 'minScale';
  const message =
    wrong === 'minScale'
      ? `${least} is ${min}, but ${most} is ${max}: expected at most ${max}.`
      : `${most} is ${max}, but ${least} is ${min}: expected at least ${min}, or 0 (unlimited).`;
  return { effect: 'refused', key: sight.key(wrong), message };
};

const maxAboveLimit: Rule = ({ settings: { maxScale }, config: { maxScaleLimit: limit }, key }) =>
  maxScale !== undefined && limit > 0 && (maxScale === 0 || maxScale > limit)
    ? {
        effect: 'used',
        key: key('maxScale'),
        message: `${key('maxScale')} is ${maxScale === 0 ? '0 (unlimited)' : maxScale}, which is used nevertheless: expected 1 to ${limit}, the max-scale-limit in config-autoscaler.`,
      }
    : undefined;

const activationOutsideBounds: Rule = (sight) => {
  const { settings, bounds, key } = sight;
  const start = settings.activationScale;
  const { min, max } = bounds;
  if (start === undefined || (start >= min && (max <= 0 || start <= max))) return undefined;
  const [way, bound, value] =
    start < min ? ['least', 'minScale' as const, min] : ['most', 'maxScale' as const, max];
  return {
    effect: 'used',
    key: key('activationScale'),
    message: `${key('activationScale')} is ${start}, which is used nevertheless: expected at ${way} ${nameOf(sight, bound)}, which is ${value}.`,
  };
};

const zeroStartNotAllowed: Rule = ({ settings, config, key }) =>
  settings.initialScale === 0 && !config.allowZeroInitialScale
    ? {
        effect: 'ignored',
        key: key('initialScale'),
        message: `${key('initialScale')} is 0, which has no effect, because allow-zero-initial-scale in config-autoscaler does not allow it: expected at least 1; ${resolvedInitialScale(settings, config)} is used.`,
      }
    : undefined;

const fallbackWithoutReplicas: Rule = ({ settings: { fallback, fallbackReplicas }, key }) =>
  fallback === 'replicas' && fallbackReplicas === undefined
    ? {
        effect: 'ignored',
        key: key('fallback'),
        message: `${key('fallback')} is "replicas", which has no effect without ${key('fallbackReplicas')}: expected that annotation, for example ${ANNOTATIONS.fallbackReplicas.example}.`,
      }
    : undefined;

const replicasWithoutFallback: Rule = ({ settings: { fallback = 'auto', fallbackReplicas }, key }) =>
  fallbackReplicas !== undefined && fallback !== 'auto' && fallback !== 'replicas'
    ? {
        effect: 'ignored',
        key: key('fallbackReplicas'),
        message: `${key('fallbackReplicas')} has no effect, because ${key('fallback')} is "${fallback}": expected auto or replicas there.`,
      }
    : undefined;

const fallbackAboveMax: Rule = (sight) => {
  const { settings, bounds, key } = sight;
  const { fallbackReplicas: replicas } = settings;
  if (replicas === undefined || bounds.max <= 0 || replicas <= bounds.max) return undefined;
  return {
    effect: 'used',
    key: key('fallbackReplicas'),
    message: `${key('fallbackReplicas')} is ${replicas}, which is cut to ${nameOf(sight, 'maxScale')}: expected at most ${bounds.max}.`,
  };
};

const RULES: readonly Rule[] = [
  minAboveMax,
  maxAboveLimit,
  activationOutsideBounds,
  zeroStartNotAllowed,
  fallbackWithoutReplicas,
  replicasWithoutFallback,
  fallbackAboveMax,
];

/** What is wrong between annotations whose values are each fine. Keys are spelt as in `annotations`, else canonically. */
export function disagreements(
  settings: Settings,
  config: AutoscalerConfig,
  reachability: string,
  annotations: Annotations = {},
): readonly Mistake[] {
  const bounds = scaleBounds(settings, config, reachability);
  const key = (setting: Setting): string => presentKey(annotations, setting) ?? keyOfSetting(setting);
  return RULES.flatMap((rule) => rule({ settings, config, bounds, key }) ?? []);
}
