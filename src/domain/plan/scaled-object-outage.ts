import { keyOfSetting, type Setting } from '../annotation/table.ts';
import { SECOND } from '../go/duration.ts';
import type { JsonObject } from '../json.ts';
import type { Trigger } from '../k8s/write/scaled-object.ts';
import type { Intent } from './intent.ts';
import { fallbackOf, zeroForEmpty } from './policy-of.ts';
import { ignored, part, type Part } from './scaled-object-part.ts';

/** Failures in a row after which KEDA's fallback counts; until then its HPA stands still. */
const FAILURES = 3;

/** What KEDA has no means for where it asks Prometheus itself. */
const ONLY_OURS = ['staleAfter', 'prometheusServer'] as const satisfies readonly Setting[];

/**
 * What a trigger of type `prometheus` does with an answer that is no number. KEDA takes an empty one, NaN and the infinities for zero
 * unless it is told not to; where empty is zero for the user, too, KEDA's own default stays (keda: pkg/scalers/prometheus_scaler.go).
 */
export function kedasAnswers({ settings, config }: Intent): {
  readonly metadata: Readonly<Record<string, string>>;
  readonly trigger: Pick<Trigger, 'useCachedMetrics'>;
} {
  return {
    metadata: zeroForEmpty(settings, config.bridge) ? {} : { ignoreNullValues: 'false' },
    // Else the HPA has KEDA ask anew every 15 s, whatever the interval.
    trigger: settings.pollingInterval === undefined ? {} : { useCachedMetrics: true },
  };
}

const isResource = ({ type }: Trigger): boolean => type === 'cpu' || type === 'memory';

/**
 * How often KEDA asks, and what it does in an outage: without `fallback` it gives its HPA an error, which then keeps the replicas. KEDA
 * has whole seconds, and no fallback for cpu and memory alone (keda: scaledobject_types.go).
 */
export function kedasOutage(intent: Intent, triggers: readonly Trigger[]): Part<JsonObject> {
  const { settings, config, signal } = intent;
  const { pollingInterval, fallbackReplicas } = settings;
  const fallback = fallbackOf(settings, config.bridge);
  const steps = fallbackReplicas !== undefined && (fallback === 'auto' || fallback === 'replicas');
  const spec: JsonObject = {
    ...(pollingInterval === undefined
      ? {}
      : { pollingInterval: Number((pollingInterval + SECOND - 1n) / SECOND) }),
    ...(steps && !triggers.every(isResource)
      ? {
          fallback: {
            failureThreshold: FAILURES,
            replicas: fallbackReplicas,
            // Exactly so many is what KEDA does without a behavior, which older versions do not know.
            ...(fallback === 'auto' ? { behavior: 'currentReplicasIfHigher' } : {}),
          },
        }
      : {}),
  };
  const idle =
    signal.from !== 'query'
      ? []
      : [
          ...ONLY_OURS.filter((setting) => settings[setting] !== undefined),
          ...(settings.fallback === 'concurrency' ? (['fallback'] as const) : []),
        ];
  return part(
    spec,
    idle.map((setting) =>
      ignored(
        keyOfSetting(setting),
        `has no effect, because KEDA asks Prometheus itself: expected no such annotation, or ${keyOfSetting('kedaTrigger')} to be "bridge"`,
      ),
    ),
  );
}
