import type { PatchOperation } from '../../src/domain/admission/model-patch.ts';
import type { Json, JsonObject } from '../../src/domain/json.ts';

/** The object with a JSON patch applied, as the API server does it (RFC 6902); throws where it would refuse it. */
export function patched(object: JsonObject, operations: readonly PatchOperation[]): JsonObject {
  return operations.reduce<Json>(
    (value, operation) => changed(value, operation.path.split('/').slice(1), operation),
    object,
  ) as JsonObject;
}

function changed(value: Json, [step = '', ...rest]: readonly string[], operation: PatchOperation): Json {
  const fields = value as JsonObject;
  if (rest.length === 0) {
    if (operation.op === 'add') return { ...fields, [step]: operation.value };
    if (!Object.hasOwn(fields, step)) throw new Error(`${operation.path} is not there`);
    return Object.fromEntries(Object.entries(fields).filter(([field]) => field !== step));
  }
  const below = fields[step];
  if (below === undefined) throw new Error(`${operation.path} leads nowhere`);
  const next = changed(below, rest, operation);
  return Array.isArray(value) ? value.with(Number(step), next) : { ...fields, [step]: next };
}
