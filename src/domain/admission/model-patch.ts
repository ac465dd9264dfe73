import { isJsonObject, sameJson, type Json, type JsonObject } from '../json.ts';
import { MODEL_NAME, SECURITY_CONTEXT, type ModelParts } from './model.ts';

/** One operation of a JSON patch (RFC 6902). `add` replaces what is there. */
export type PatchOperation =
  | { readonly op: 'add'; readonly path: string; readonly value: Json }
  | { readonly op: 'remove'; readonly path: string };

const POD_SPEC = '/spec/template/spec';

/** What we say of the init container: all but what else others put into it. */
const OWNED = ['image', 'command', 'args', 'env', 'envFrom', 'resources', 'volumeMounts'];

type List = readonly Json[];

const listIn = (object: JsonObject, field: string): List => {
  const value = object[field];
  return Array.isArray(value) ? (value as List) : [];
};

const isOurs = (item: Json): boolean => isJsonObject(item) && item['name'] === MODEL_NAME;
const isOther = (item: Json): boolean => !isOurs(item);

/** The pod that a template describes; undefined for what is none. */
export function podSpecIn(object: JsonObject | undefined): JsonObject | undefined {
  const [spec] = [object?.['spec']];
  const template = isJsonObject(spec) ? spec['template'] : undefined;
  const podSpec = isJsonObject(template) ? template['spec'] : undefined;
  return isJsonObject(podSpec) ? podSpec : undefined;
}

/** Whether a pod has the init container that downloads a model. */
export const hasModel = (podSpec: JsonObject): boolean => listIn(podSpec, 'initContainers').some(isOurs);

/** The container that gets the requests: the one with a port, or the only one (serving: docs/runtime-contract.md). */
function servingIndex(containers: List): number {
  const withPort = containers.findIndex((one) => isJsonObject(one) && listIn(one, 'ports').length > 0);
  return Math.max(0, withPort);
}

/** The container that gets the requests mounts something else where the model is to be: its name; else undefined. */
export function occupantOf(podSpec: JsonObject, mountPath: string): string | undefined {
  const containers = listIn(podSpec, 'containers');
  const serving = containers[servingIndex(containers)];
  const mounts = isJsonObject(serving) ? listIn(serving, 'volumeMounts') : [];
  const found = mounts.find((mount) => isOther(mount) && isJsonObject(mount) && pathOf(mount) === mountPath);
  return isJsonObject(found) && typeof found['name'] === 'string' ? found['name'] : undefined;
}

const pathOf = ({ mountPath }: JsonObject): string =>
  typeof mountPath === 'string' ? mountPath.replace(/(?<=.)\/+$/, '') : '';

/** What has to change in a pod so that it has this model, or none: nothing where it is so already, whatever others added to it. */
export function modelPatch(podSpec: JsonObject, model: ModelParts | undefined): readonly PatchOperation[] {
  const containers = listIn(podSpec, 'containers');
  const serving = servingIndex(containers);
  return [
    ...changed(podSpec, POD_SPEC, 'initContainers', (list) => initContainersWith(list, model)),
    ...changed(podSpec, POD_SPEC, 'volumes', (list) =>
      model === undefined ? list.filter(isOther) : withItem(list, model.volume),
    ),
    ...containers.flatMap((container, i) =>
      isJsonObject(container)
        ? changed(container, `${POD_SPEC}/containers/${i}`, 'volumeMounts', (list) =>
            mountsWith(list, model, i === serving),
          )
        : [],
    ),
  ];
}

function changed(
  object: JsonObject,
  path: string,
  field: string,
  next: (list: List) => List,
): readonly PatchOperation[] {
  const now = listIn(object, field);
  const then = next(now);
  if (sameJson(now, then)) return [];
  const at = `${path}/${field}`;
  return [then.length === 0 ? { op: 'remove', path: at } : { op: 'add', path: at, value: then }];
}

/** It comes first, so that other init containers find the model. */
function initContainersWith(list: List, model: ModelParts | undefined): List {
  const others = list.filter(isOther).map((one) => (model === undefined ? withoutMount(one) : one));
  if (model === undefined) return others;
  const at = list.findIndex(isOurs);
  const present = list[at];
  if (!isJsonObject(present)) return [model.initContainer, ...others];
  const kept = Object.fromEntries(Object.entries(present).filter(([field]) => !OWNED.includes(field)));
  const context = kept['securityContext'];
  const securityContext = { ...(isJsonObject(context) ? context : {}), ...SECURITY_CONTEXT };
  return others.toSpliced(at, 0, { ...kept, ...model.initContainer, securityContext });
}

function withoutMount(container: Json): Json {
  if (!isJsonObject(container) || !listIn(container, 'volumeMounts').some(isOurs)) return container;
  return { ...container, volumeMounts: listIn(container, 'volumeMounts').filter(isOther) };
}

/** The list with this item in the place of the one of its name, or at the end. */
function withItem(list: List, item: JsonObject): List {
  const at = list.findIndex(isOurs);
  const others = list.filter(isOther);
  return others.toSpliced(at < 0 ? others.length : at, 0, item);
}

/** Other containers of the pod may mount it where they like. */
function mountsWith(list: List, model: ModelParts | undefined, serving: boolean): List {
  if (model === undefined) return list.filter(isOther);
  return serving ? withItem(list, { name: MODEL_NAME, mountPath: model.mountPath, readOnly: true }) : list;
}
