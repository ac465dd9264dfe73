import type { JsonObject } from '../json.ts';
import type { KubeObject } from '../k8s/meta.ts';
import { quantityOfNumber } from '../k8s/quantity.ts';
import { apiVersionOf, RESOURCES } from '../k8s/resources.ts';
import { childMetadata } from '../k8s/write/owned-by.ts';
import { checkAddress } from './prometheus-address.ts';
import { keyOfSetting } from '../annotation/table.ts';
import { err, ok, type Result } from '../result.ts';
import type { Mistake } from '../annotation/mistake.ts';
import type { Intent, Signal } from './intent.ts';
import { part, refused, type Part } from './scaled-object-part.ts';
import { behaviorOf } from './scaled-object-rules.ts';
import { metricTypeOf, targetText } from './scaled-object-target.ts';

/** A scaler that can be built, and what of the annotations had no effect on it. */
export interface Built {
  readonly object: KubeObject;
  readonly mistakes: readonly Mistake[];
}

/**
 * The name under which the HPA asks external.metrics.k8s.io for the value of a query, the same for every revision; the label in the
 * selector says which. Neither changes when the query does, so that an edited query does not look like a new metric.
 */
export const QUERY_METRIC = 'hpa-bridge-query';
export const REVISION_SELECTOR = 'hpa-bridge.dev/revision';

/**
 * The HPA of a revision, autoscaling/v2 (after serving: pkg/reconciler/autoscaling/hpa/resources/hpa.go, with exact targets). Without
 * a target there are no metrics, which the API server takes for 80 percent of the requested cpu.
 */
export function horizontalPodAutoscalerFor(intent: Intent): Result<Built, readonly Mistake[]> {
  const { pa, bounds } = intent;
  const metrics = metricsOf(intent);
  const behavior = behaviorOf(intent);
  const mistakes = [...metrics.mistakes, ...behavior.mistakes];
  if (mistakes.some(({ effect }) => effect === 'refused')) return err(mistakes);
  const object: KubeObject = {
    apiVersion: apiVersionOf(RESOURCES.HorizontalPodAutoscaler),
    kind: RESOURCES.HorizontalPodAutoscaler.kind,
    metadata: childMetadata(intent),
    spec: {
      scaleTargetRef: { ...pa.spec.scaleTargetRef },
      minReplicas: bounds.min,
      maxReplicas: bounds.max,
      ...(metrics.value === undefined ? {} : { metrics: [metrics.value] }),
      ...(behavior.value === undefined ? {} : { behavior: { ...behavior.value } as JsonObject }),
    },
  };
  return ok({ object, mistakes });
}

function metricsOf(intent: Intent): Part<JsonObject | undefined> {
  const { signal } = intent;
  if (signal.from === 'resource') return resourceMetric(intent, signal);
  return signal.from === 'query' ? queryMetric(intent, signal.target) : part(undefined);
}

function resourceMetric(
  { settings }: Intent,
  { resource, target }: Signal & { readonly from: 'resource' },
): Part<JsonObject | undefined> {
  const type = metricTypeOf(resource, settings);
  if (target === undefined) return part(undefined, type.mistakes);
  const text = targetText(resource, type.value, target);
  const mistakes = [...type.mistakes, ...text.mistakes];
  const wanted =
    type.value === 'Utilization'
      ? { type: type.value, averageUtilization: Number(text.value) }
      : { type: type.value, averageValue: text.value };
  return part({ type: 'Resource', resource: { name: resource, target: wanted } }, mistakes);
}

function queryMetric({ pa, settings, config }: Intent, target: number): Part<JsonObject | undefined> {
  const type = metricTypeOf('query', settings);
  const text = targetText('query', type.value, target);
  const mistakes = [
    ...type.mistakes,
    ...text.mistakes,
    ...addressMistakes(settings.prometheusAddress, config),
  ];
  if (text.mistakes.length > 0) return part(undefined, mistakes);
  const value = quantityOfNumber(target);
  const wanted =
    type.value === 'Value' ? { type: 'Value', value } : { type: 'AverageValue', averageValue: value };
  const metric = {
    name: QUERY_METRIC,
    selector: { matchLabels: { [REVISION_SELECTOR]: pa.metadata.name } },
  };
  return part({ type: 'External', external: { metric, target: wanted } }, mistakes);
}

function addressMistakes(address: string | undefined, config: Intent['config']): readonly Mistake[] {
  const checked = address === undefined ? ok('') : checkAddress(address, config);
  return checked.ok ? [] : [refused(keyOfSetting('prometheusAddress'), checked.error)];
}
