import { FaultError } from '../../domain/fault.ts';
import { isJsonObject, type Json, type JsonObject } from '../../domain/json.ts';
import type { KubeObject } from '../../domain/k8s/meta.ts';
import { apiVersionOf, type Resource } from '../../domain/k8s/resources.ts';
import { oneLine } from './errors.ts';

/** JSON that should hold an object; anything else is the fault of whoever answered in the API server's place. */
export function parseObject(text: string, asked: string): JsonObject {
  let value: Json;
  try {
    value = JSON.parse(text) as Json;
  } catch {
    value = null;
  }
  if (isJsonObject(value)) return value;
  throw new FaultError({
    code: 'api_unavailable',
    message: `The answer to ${asked} is not a Kubernetes object, something between us and the API server answers in its place: ${oneLine(text, 80)}`,
  });
}

/**
 * An object as the rest of the program sees it. Items of lists lack `apiVersion` and `kind`, and partial objects have others: both are
 * what was asked for. `managedFields` are dropped: nobody reads them and they are half of the bytes.
 */
export function asObject(value: Json | undefined, resource: Resource, asked: string): KubeObject {
  const metadata = isJsonObject(value) ? value['metadata'] : undefined;
  if (!isJsonObject(value) || !isJsonObject(metadata) || typeof metadata['name'] !== 'string')
    throw new FaultError({
      code: 'internal',
      message: `The answer to ${asked} holds an object without metadata.name: ${oneLine(value === undefined ? '' : JSON.stringify(value), 80)}`,
    });
  const { name, namespace } = metadata;
  return {
    ...value,
    apiVersion: apiVersionOf(resource),
    kind: resource.kind,
    metadata: {
      ...metadata,
      managedFields: undefined,
      name,
      ...(typeof namespace === 'string' ? { namespace } : {}),
    },
  };
}
