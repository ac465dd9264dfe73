import { formatF, formatG } from '../go/fmt-float.ts';
import { HOUR, isWholeSeconds, printDuration, SECOND, type Nanos } from '../go/duration.ts';
import { err, ok, type Result } from '../result.ts';
import { shown } from '../shown.ts';
import { AUTOSCALER_KEYS, type ConfigRow } from './autoscaler-table.ts';

type Keys = typeof AUTOSCALER_KEYS;
type ReadConfig = { readonly [K in keyof Keys]: Keys[K] extends ConfigRow<infer T> ? T : never };

/** `config-autoscaler` (serving: pkg/autoscaler/config). Fractions are in (0, 1]; a `maxScale` of 0 is unlimited. */
export type AutoscalerConfig = ReadConfig & {
  /** Constant 0.7; used for rps. It has no key. */
  readonly targetUtilization: number;
};

const TARGET_UTILIZATION = 0.7;
const LEAST_TARGET = 0.01;
const SHORTEST_WINDOW = 6n * SECOND;

/** Says what is wrong with a config, or nothing. */
type Rule = (config: AutoscalerConfig) => string | undefined;

/** A rule on one number or duration, in the words of upstream. Comparisons are such that NaN breaks none. */
const unless = (broken: boolean, sentence: string): string | undefined => (broken ? sentence : undefined);

/** In the order in which upstream checks them: the first broken rule is the answer. */
const RULES: readonly Rule[] = [
  ({ scaleToZeroGracePeriod: period }) =>
    unless(period <= 0n, `scale-to-zero-grace-period must be positive, was: ${printDuration(period)}`),
  ({ scaleDownDelay: delay }) =>
    unless(delay < 0n, `scale-down-delay cannot be negative, was: ${printDuration(delay)}`),
  ({ scaleDownDelay: delay }) =>
    unless(
      !isWholeSeconds(delay),
      `scale-down-delay = ${printDuration(delay)}, must be specified with at most second precision`,
    ),
  ({ scaleToZeroPodRetentionPeriod: period }) =>
    unless(
      period < 0n,
      `scale-to-zero-pod-retention-period cannot be negative, was: ${printDuration(period)}`,
    ),
  ({ targetBurstCapacity: capacity }) =>
    unless(
      capacity < 0 && capacity !== -1,
      `target-burst-capacity must be either non-negative or -1 (for unlimited), was: ${formatF(capacity)}`,
    ),
  ({ containerConcurrencyTargetFraction: fraction }) =>
    unless(
      fraction <= 0 || fraction > 1,
      `container-concurrency-target-percentage = ${formatF(fraction)} is outside of valid range of (0, 100]`,
    ),
  (config) => {
    const target = config.containerConcurrencyTargetFraction * config.containerConcurrencyTargetDefault;
    return unless(
      target < LEAST_TARGET,
      `container-concurrency-target-percentage and container-concurrency-target-default yield target concurrency of ${formatG(target)}, can't be less than ${LEAST_TARGET}`,
    );
  },
  ({ rpsTargetDefault: target }) =>
    unless(
      target < LEAST_TARGET,
      `requests-per-second-target-default must be at least ${LEAST_TARGET}, was: ${formatG(target)}`,
    ),
  ({ activatorCapacity: capacity }) =>
    unless(capacity < 1, `activator-capacity = ${formatG(capacity)}, must be at least 1`),
  ({ maxScaleUpRate: rate }) =>
    unless(rate <= 1, `max-scale-up-rate = ${formatG(rate)}, must be greater than 1.0`),
  ({ maxScaleDownRate: rate }) =>
    unless(rate <= 1, `max-scale-down-rate = ${formatG(rate)}, must be greater than 1.0`),
  ({ stableWindow: window }) =>
    unless(
      window < SHORTEST_WINDOW || window > HOUR,
      `stable-window = ${printDuration(window)}, must be in [6s; 1h0m0s] range`,
    ),
  ({ stableWindow: window }) =>
    unless(
      !isWholeSeconds(window),
      `stable-window = ${printDuration(window)}, must be specified with at most second precision`,
    ),
  ({ panicWindowPercentage: percentage }) =>
    unless(
      percentage < 1 || percentage > 100,
      `panic-window-percentage = ${formatG(percentage)}, must be in [1, 100] interval`,
    ),
  ({ initialScale: scale, allowZeroInitialScale: allowed }) =>
    unless(
      scale < (allowed ? 0 : 1),
      `initial-scale = ${scale}, must be at least 0 (or at least 1 when allow-zero-initial-scale is false)`,
    ),
  ({ minScale: scale }) => unless(scale < 0, `min-scale = ${scale}, must be at least 0`),
  ({ maxScale: scale, maxScaleLimit: limit }) => {
    const least = limit > 0 ? 1 : 0;
    return unless(
      scale < least || (limit > 0 && scale > limit),
      `max-scale = ${scale}, must be in [${least}, max-scale-limit(${limit})] range`,
    );
  },
  ({ maxScaleLimit: limit }) => unless(limit < 0, `max-scale-limit = ${limit}, must be at least 0`),
  ({ minScale, maxScale }) =>
    unless(
      maxScale > 0 && minScale > maxScale,
      `min-scale (${minScale}) must be less than max-scale (${maxScale})`,
    ),
];

type Entry = readonly [setting: string, row: ConfigRow<unknown>];
const ENTRIES: readonly Entry[] = Object.entries(AUTOSCALER_KEYS);

/** Reads the data of config-autoscaler. The error is upstream's sentence about the first thing that is wrong. */
export function parseAutoscalerConfig(
  data: Readonly<Record<string, string>>,
): Result<AutoscalerConfig, string> {
  const values: Record<string, unknown> = { targetUtilization: TARGET_UTILIZATION };
  for (const [setting, row] of ENTRIES) {
    const text = Object.hasOwn(data, row.key) ? data[row.key] : undefined;
    const parsed = text === undefined ? ok(row.fallback) : row.read(text);
    if (!parsed.ok) return err(`failed to parse data: failed to parse "${row.key}": ${parsed.error}`);
    values[setting] = parsed.value;
  }
  const config = values as AutoscalerConfig;
  for (const rule of RULES) {
    const broken = rule(config);
    if (broken !== undefined) return err(broken);
  }
  return ok(config);
}

/**
 * What is wrong with the data of config-autoscaler, for people: a value that does not parse by key, text and what is expected, all else in
 * upstream's sentence. Undefined when it is good.
 */
export function wrongInAutoscalerConfig(data: Readonly<Record<string, string>>): string | undefined {
  const read = parseAutoscalerConfig(data);
  if (read.ok) return undefined;
  const unread = ENTRIES.find(([, row]) => Object.hasOwn(data, row.key) && !row.read(data[row.key] ?? '').ok);
  if (unread === undefined) return `${read.error}.`;
  const [, { key, expects, fallback }] = unread;
  const example = typeof fallback === 'bigint' ? printDuration(fallback as Nanos) : String(fallback);
  return `${key} is ${shown(data[key] ?? '')}: expected ${expects}, for example ${example}.`;
}

/** What holds when config-autoscaler says nothing. */
export const AUTOSCALER_DEFAULTS: AutoscalerConfig = {
  ...(Object.fromEntries(ENTRIES.map(([setting, row]) => [setting, row.fallback])) as ReadConfig),
  targetUtilization: TARGET_UTILIZATION,
};
