import { readSettings } from '../../src/domain/annotation/parse.ts';
import {
  resolvedAlgorithm,
  resolvedClass,
  resolvedInitialScale,
  resolvedMetric,
  resolvedUtilization,
  scaleBounds,
} from '../../src/domain/annotation/resolve.ts';
import { fieldErrorsText, validateAnnotations } from '../../src/domain/annotation/validate.ts';
import { parseAutoscalerConfig, type AutoscalerConfig } from '../../src/domain/config/autoscaler.ts';
import { isJsonObject, type Json, type JsonObject } from '../../src/domain/json.ts';
import { compared, recordedNumber } from './compare.ts';
import type { Replay } from './replay.ts';
import { textOf, textsOf } from './texts.ts';

/** A value as an accessor answers it: absent ones are left out, whatever upstream returns beside "not there". */
function accessor(value: number | bigint | undefined): Json {
  if (value === undefined) return null;
  return [typeof value === 'bigint' ? value.toString() : recordedNumber(value), true];
}

const present = (recorded: Json | undefined): Json | undefined =>
  Array.isArray(recorded) && recorded[1] === false ? null : recorded;

interface Input {
  readonly config: AutoscalerConfig;
  readonly annotations: Readonly<Record<string, string>>;
  readonly reachability: string;
}

function accessors({ config, annotations, reachability }: Input): JsonObject {
  const { settings } = readSettings(annotations);
  const { min, max } = scaleBounds(settings, config, reachability);
  return {
    activationScale: accessor(settings.activationScale),
    aggregationAlgorithm: resolvedAlgorithm(settings) ?? '',
    class: resolvedClass(settings),
    initialScale: accessor(settings.initialScale),
    metric: resolvedMetric(settings),
    panicThresholdPercentage: accessor(settings.panicThresholdPercentage),
    panicWindowPercentage: accessor(settings.panicWindowPercentage),
    progressDeadlineNs: accessor(settings.progressDeadline),
    resolvedInitialScale: resolvedInitialScale(settings, config),
    scaleBounds: [min, max],
    scaleDownDelayNs: accessor(settings.scaleDownDelay),
    scaleToZeroPodRetentionNs: accessor(settings.scaleToZeroPodRetentionPeriod),
    target: accessor(settings.target),
    targetBC: accessor(settings.targetBurstCapacity),
    targetUtilization: accessor(resolvedUtilization(settings)),
    windowNs: accessor(settings.window),
  };
}

function answer(input: Input): JsonObject {
  const errors = validateAnnotations(input.config, input.annotations);
  return {
    valid: errors.length === 0,
    errors: errors.map(({ message, paths }) => ({ message, paths })),
    text: fieldErrorsText(errors),
    accessors: accessors(input),
  };
}

function withoutAbsent(out: JsonObject): JsonObject {
  const recorded = isJsonObject(out['accessors']) ? Object.entries(out['accessors']) : [];
  return { ...out, accessors: Object.fromEntries(recorded.map(([name, value]) => [name, present(value)])) };
}

/** Knative's admission of annotations, and the accessors of the PodAutoscaler for the same annotations. */
export const ANNOTATIONS_REPLAY: Replay = {
  knows: (head) => head['kind'] === 'annotations',
  run: ({ in: input, out }) => {
    const asked = isJsonObject(input) ? input : {};
    const expected = isJsonObject(out) ? withoutAbsent(out) : {};
    const config = parseAutoscalerConfig(textsOf(asked['config']));
    if (!config.ok) return { is: 'different', expected, actual: config.error };
    const annotations = textsOf(asked['annotations']);
    return compared(
      expected,
      answer({ config: config.value, annotations, reachability: textOf(asked['reachability']) }),
    );
  },
};
