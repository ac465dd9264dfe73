import { isJsonObject, type Json, type JsonObject } from '../../src/domain/json.ts';
import { decimalText } from '../../src/domain/k8s/decimal.ts';
import { annotation, at, isOverridden, itemsIn, objectIn, targetOf, textAt } from './scaled-object-case.ts';
import { textsOf } from './texts.ts';

/** A revision with a query and without a metric: upstream scales it by cpu, we by the query. */
export const isQueryWithoutMetric = (recorded: JsonObject): boolean =>
  annotation(recorded, 'metric') === undefined &&
  annotation(recorded, 'prometheusQuery') !== undefined &&
  !isOverridden(recorded);

/** The default query trigger, from the annotations alone. */
export function queryTriggerOf(recorded: JsonObject, query: string, target: number): JsonObject {
  const configured = textsOf(at(recorded, 'input', 'configAutoscalerKeda'))[
    'autoscaler.keda.prometheus-address'
  ];
  const modes = annotation(recorded, 'triggerPrometheusAuthModes');
  const authName = annotation(recorded, 'triggerPrometheusAuthName');
  const kind = annotation(recorded, 'triggerPrometheusAuthKind');
  const name = annotation(recorded, 'triggerPrometheusName') ?? 'default-trigger-custom';
  return {
    type: 'prometheus',
    ...(name === '' ? {} : { name }),
    metadata: {
      serverAddress:
        annotation(recorded, 'prometheusAddress') ??
        configured?.trim() ??
        'http://prometheus-operated.default.svc:9090',
      query,
      threshold: Number.isFinite(target) ? decimalText(target) : '',
      namespace: textAt(recorded, 'input', 'pa', 'metadata', 'namespace'),
      ...(authName === undefined ? {} : { authModes: modes ?? '' }),
    },
    metricType: annotation(recorded, 'metricType') ?? 'AverageValue',
    ...(authName === undefined
      ? {}
      : { authenticationRef: { name: authName, ...(kind === undefined ? {} : { kind }) } }),
  };
}

const filled = (recorded: JsonObject): string =>
  (annotation(recorded, 'prometheusQuery') ?? '').replaceAll(
    /\{\{\s*\.revisionName\s*\}\}/g,
    textAt(recorded, 'input', 'pa', 'metadata', 'name'),
  );

/** Upstream's spec with the query trigger in the place of its cpu trigger; without a target only the extra triggers stay. */
export function withQueryTrigger(recorded: JsonObject, spec: JsonObject): JsonObject {
  const [first, ...extra] = itemsIn(spec, 'triggers');
  if (!isQueryWithoutMetric(recorded) || !isJsonObject(first)) return spec;
  const target = targetOf(recorded);
  const triggers: readonly Json[] =
    target === undefined ? extra : [queryTriggerOf(recorded, filled(recorded), target), ...extra];
  return { ...spec, triggers };
}

/** The query that we derive of a metric's name. */
export function derivedQueryOf(recorded: JsonObject): string {
  const { name = '' } = textsOf(objectIn(recorded, 'input', 'pa', 'spec', 'scaleTargetRef'));
  const namespace = textAt(recorded, 'input', 'pa', 'metadata', 'namespace');
  const pods = `${name.replaceAll('.', '\\\\.')}-.*`;
  return `sum(rate(${annotation(recorded, 'metric') ?? ''}{namespace="${namespace}",pod=~"${pods}"}[1m]))`;
}

type Kind = (value: Json) => boolean;
const isList: Kind = (value) => Array.isArray(value);

/** The JSON of an annotation; undefined when it is absent or null. Throws when it is broken or of another kind. */
function parsed(
  recorded: JsonObject,
  setting: Parameters<typeof annotation>[1],
  kind: Kind,
): Json | undefined {
  const value = JSON.parse(annotation(recorded, setting) ?? 'null') as Json;
  if (value !== null && !kind(value)) throw new TypeError(setting);
  return value ?? undefined;
}

/** The spec that upstream would have built of a metric without a query, had it derived one; undefined when some JSON is broken. */
export function specWithDerivedQuery(recorded: JsonObject, bounds: JsonObject): JsonObject | undefined {
  try {
    const extra = parsed(recorded, 'extraPrometheusTriggers', isList);
    const trigger = queryTriggerOf(recorded, derivedQueryOf(recorded), targetOf(recorded) ?? Number.NaN);
    const behavior = {
      scaleUp: parsed(recorded, 'hpaScaleUpRules', isJsonObject),
      scaleDown: parsed(recorded, 'hpaScaleDownRules', isJsonObject),
    };
    return {
      ...bounds,
      advanced: {
        horizontalPodAutoscalerConfig: { behavior },
        scalingModifiers: parsed(recorded, 'scalingModifiers', isJsonObject) ?? {},
      },
      triggers: [trigger, ...(Array.isArray(extra) ? (extra as readonly Json[]) : [])],
    };
  } catch {
    return undefined;
  }
}
