import { keyOfSetting, type Setting } from '../../src/domain/annotation/table.ts';
import { parseFloat64 } from '../../src/domain/go/parse-float.ts';
import { parseInt32 } from '../../src/domain/go/parse-int.ts';
import { isJsonObject, type Json, type JsonObject } from '../../src/domain/json.ts';
import { textsOf } from './texts.ts';

export const at = (value: Json | undefined, ...path: readonly string[]): Json | undefined =>
  path.reduce((inner, field) => (isJsonObject(inner) ? inner[field] : undefined), value);

export const objectIn = (value: Json | undefined, ...path: readonly string[]): JsonObject => {
  const inner = at(value, ...path);
  return isJsonObject(inner) ? inner : {};
};

export const itemsIn = (value: Json | undefined, ...path: readonly string[]): readonly Json[] => {
  const inner = at(value, ...path);
  return Array.isArray(inner) ? (inner as readonly Json[]) : [];
};

export const annotationsIn = (recorded: JsonObject): Readonly<Record<string, string>> =>
  textsOf(at(recorded, 'input', 'pa', 'metadata', 'annotations'));

/** The spec that upstream built; empty when it built none. */
export const upstreamSpec = (recorded: JsonObject): JsonObject =>
  objectIn(recorded, 'expect', 'scaledObject', 'spec');

/** A text inside; empty when there is none. */
export const textAt = (value: Json | undefined, ...path: readonly string[]): string => {
  const inner = at(value, ...path);
  return typeof inner === 'string' ? inner : '';
};

export const annotation = (recorded: JsonObject, setting: Setting): string | undefined =>
  annotationsIn(recorded)[keyOfSetting(setting)];

/** The target where it parses. */
export function targetOf(recorded: JsonObject): number | undefined {
  const parsed = parseFloat64(annotation(recorded, 'target') ?? '');
  return parsed.ok ? parsed.value : undefined;
}

export const isOverridden = (recorded: JsonObject): boolean =>
  annotation(recorded, 'scaledObjectOverride') !== undefined;

/** The first spelling present counts, and config-autoscaler where it does not parse. */
function asked(recorded: JsonObject, what: 'min' | 'max'): number {
  const annotations = annotationsIn(recorded);
  const texts = [
    annotations[`autoscaling.knative.dev/${what}-scale`] ??
      annotations[`autoscaling.knative.dev/${what}Scale`],
    textsOf(at(recorded, 'input', 'configAutoscaler'))[`${what}-scale`],
  ];
  return texts.map((text) => parseInt32(text ?? '')).flatMap((n) => (n.ok ? [n.value] : []))[0] ?? 0;
}

/** What upstream makes of the bounds; no minimum while the revision is unreachable. */
export function askedBounds(recorded: JsonObject): { minReplicaCount: number; maxReplicaCount: number } {
  const unreachable = textAt(recorded, 'input', 'pa', 'spec', 'reachability') === 'Unreachable';
  const max = asked(recorded, 'max');
  return {
    minReplicaCount: unreachable ? 0 : asked(recorded, 'min'),
    maxReplicaCount: max === 0 ? 2 ** 31 - 1 : max,
  };
}
