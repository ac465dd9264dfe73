import { isJsonObject, type Json, type JsonObject } from '../../../domain/json.ts';
import type { KubeObject } from '../../../domain/k8s/meta.ts';
import type { ScalePaths } from '../kinds/kind.ts';
import { badRequest, invalid, invalidValue, notFound } from '../status.ts';
import type { Stored } from '../storage/stored.ts';
import { objectIn, textIn } from '../fields.ts';
import type { NamedTarget, Objects, PatchType, WriteOptions } from './objects.ts';
import { jsonPatch, mergePatch } from './patch.ts';
import { checkLock } from './prepare.ts';

const SCALE = { group: 'autoscaling', plural: 'scales', kind: 'Scale' };

const valueAt = (object: JsonObject, path: readonly string[]): Json | undefined =>
  path.reduce<Json | undefined>((value, field) => (isJsonObject(value) ? value[field] : undefined), object);

const numberAt = (object: JsonObject, path: readonly string[]): number => {
  const value = valueAt(object, path);
  return typeof value === 'number' ? value : 0;
};

const withValue = (object: JsonObject, path: readonly string[], value: Json): JsonObject => {
  const [field = '', ...rest] = path;
  return { ...object, [field]: rest.length === 0 ? value : withValue(objectIn(object, field), rest, value) };
};

function selectorText(selector: Json | undefined): string {
  if (typeof selector === 'string') return selector;
  if (!isJsonObject(selector)) return '';
  const labels = objectIn(selector, 'matchLabels');
  return Object.keys(labels)
    .map((key) => `${key}=${textIn(labels, key)}`)
    .sort()
    .join(',');
}

/** The Scale of an object. Zeros are left out of the spec, as the API server does it. */
export function scaleOf({ object, kind }: Stored): KubeObject {
  const paths = pathsOf(kind);
  const { name, namespace, uid, resourceVersion, creationTimestamp } = object.metadata;
  const replicas = numberAt(object, paths.specReplicas);
  const selector = selectorText(valueAt(object, paths.selector));
  return {
    kind: 'Scale',
    apiVersion: 'autoscaling/v1',
    metadata: {
      name,
      ...(namespace === undefined ? {} : { namespace }),
      uid,
      resourceVersion,
      creationTimestamp,
    },
    spec: replicas === 0 ? {} : { replicas },
    status: { replicas: numberAt(object, paths.statusReplicas), ...(selector === '' ? {} : { selector }) },
  };
}

function pathsOf(kind: Stored['kind']): ScalePaths {
  if (kind.scale === undefined) throw notFound(kind, 'scale');
  return kind.scale;
}

/** Writes a Scale: what it says of replicas becomes the object's; a Scale without replicas says zero. */
export function writeScale(
  objects: Objects,
  target: NamedTarget,
  read: (scale: KubeObject) => Json,
  options: WriteOptions,
): Stored {
  const { specReplicas } = pathsOf(target.kind);
  return objects.update(target, options, (live) => {
    const scale = read(scaleOf(live));
    if (!isJsonObject(scale)) throw badRequest('a Scale must be an object');
    const replicas = objectIn(scale, 'spec')['replicas'] ?? 0;
    if (typeof replicas !== 'number' || !Number.isInteger(replicas))
      throw badRequest(`spec.replicas: must be a whole number, not ${JSON.stringify(replicas)}`);
    if (replicas < 0)
      throw invalid(SCALE, target.name, [
        invalidValue('spec.replicas', replicas, 'must be greater than or equal to 0'),
      ]);
    checkLock(
      target.kind,
      { ...live.object, metadata: { name: target.name, ...objectIn(scale, 'metadata') } },
      live.object,
    );
    return withValue(live.object, specReplicas, replicas) as KubeObject;
  }).stored;
}

/** The change that a patch makes to a Scale. */
export const patchedScale =
  (type: PatchType, patch: Json) =>
  (scale: KubeObject): Json =>
    type === 'json' ? jsonPatch(scale, patch) : mergePatch(scale, patch);
