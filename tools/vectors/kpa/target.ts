import { readSettings } from '../../../src/domain/annotation/parse.ts';
import { resolvedAlgorithm, resolvedMetric } from '../../../src/domain/annotation/resolve.ts';
import { parseAutoscalerConfig } from '../../../src/domain/config/autoscaler.ts';
import type { JsonObject } from '../../../src/domain/json.ts';
import { deciderSpec, metricSpec } from '../../../src/domain/scale/spec.ts';
import { compared, recordedNumber } from '../compare.ts';
import type { Replay } from '../replay.ts';
import { objectIn, textAt } from '../scaled-object-case.ts';
import { numberOf, textsOf } from '../texts.ts';

/** What we answer: target and total, the decider's spec, and the metric's windows. */
function answerTo(input: JsonObject): JsonObject {
  const config = parseAutoscalerConfig(textsOf(input['config']));
  if (!config.ok) return { error: config.error };
  const { settings } = readSettings(textsOf(input['annotations']));
  const spec = deciderSpec({
    settings,
    config: config.value,
    metric: resolvedMetric(settings),
    containerConcurrency: numberOf(input['containerConcurrency']),
    reachability: textAt(input, 'reachability'),
  });
  const { stableWindow, panicWindow } = metricSpec(settings, config.value, 'service');
  return {
    target: recordedNumber(spec.target),
    total: recordedNumber(spec.total),
    decider: {
      maxScaleUpRate: recordedNumber(spec.maxScaleUpRate),
      maxScaleDownRate: recordedNumber(spec.maxScaleDownRate),
      scalingMetric: spec.metric,
      targetValue: recordedNumber(spec.target),
      totalValue: recordedNumber(spec.total),
      targetBurstCapacity: recordedNumber(spec.targetBurstCapacity),
      activatorCapacity: recordedNumber(spec.activatorCapacity),
      panicThreshold: recordedNumber(spec.panicThreshold),
      stableWindowNs: spec.stableWindow.toString(),
      scaleDownDelayNs: spec.scaleDownDelay.toString(),
      initialScale: spec.initialScale,
      reachable: spec.reachable,
      activationScale: spec.activationScale,
    },
    metric: {
      stableWindowNs: stableWindow.toString(),
      panicWindowNs: panicWindow.toString(),
      aggregationAlgorithm: resolvedAlgorithm(settings) ?? '',
    },
  };
}

/** config-autoscaler, annotations and containerConcurrency in; targets and windows out. */
export const TARGET_REPLAY: Replay = {
  knows: (head) => head['kind'] === 'target',
  run: (recorded) => compared(objectIn(recorded, 'out'), answerTo(objectIn(recorded, 'in'))),
};
