import { hash } from 'node:crypto';
import { isJsonObject, type Json } from '../../json.ts';
import type { KubeObject } from '../meta.ts';

/**
 * Annotation that remembers what was applied last. Server-side apply removes a field that we no longer send, but a reader of the object
 * cannot see that a field was once ours; a different hash says so.
 */
export const APPLIED_HASH = 'hpa-bridge.dev/applied-hash';

/** JSON with sorted fields and without undefined ones: equal values have equal texts. */
function canonical(value: Json | undefined): string {
  if (Array.isArray(value)) return `[${value.map((item: Json) => canonical(item)).join(',')}]`;
  if (!isJsonObject(value)) return JSON.stringify(value ?? null);
  let fields = '';
  for (const field of Object.keys(value).sort())
    if (value[field] !== undefined)
      fields += `${fields === '' ? '' : ','}${JSON.stringify(field)}:${canonical(value[field])}`;
  return `{${fields}}`;
}

/** The object with the hash of its content among its annotations. Stamping twice gives the same object. */
export function stamped(object: KubeObject): KubeObject {
  const { annotations } = object.metadata;
  const plain: Record<string, Json | undefined> = isJsonObject(annotations) ? { ...annotations } : {};
  // eslint-disable-next-line @typescript-eslint/no-dynamic-delete -- the copy is ours, and the key is a constant
  delete plain[APPLIED_HASH];
  const content = canonical({ ...object, metadata: { ...object.metadata, annotations: plain } });
  return {
    ...object,
    metadata: {
      ...object.metadata,
      annotations: { ...plain, [APPLIED_HASH]: hash('sha256', content).slice(0, 16) },
    },
  };
}
