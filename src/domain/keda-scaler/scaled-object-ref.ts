import { keyOf, type Key } from '../key.ts';
import { err, ok, type Result } from '../result.ts';
import type { Refusal } from './refusal.ts';

/** The ScaledObject that KEDA asks for. KEDA fills both in from the object itself: no trigger can name another namespace. */
export interface ScaledObjectRef {
  readonly name: string;
  readonly namespace: string;
}

/**
 * The revision of a ScaledObject: the one of the same name in the same namespace, as we make them. Metadata of the trigger has no say in
 * it, or a tenant could have itself scaled by another's numbers.
 */
export function revisionOf({ namespace, name }: ScaledObjectRef): Result<Key, Refusal> {
  const missing = namespace === '' ? 'namespace' : name === '' ? 'name' : undefined;
  if (missing === undefined) return ok(keyOf(namespace, name));
  return err({
    code: 'INVALID_ARGUMENT',
    message: `scaledObjectRef.${missing} is empty: expected the ${missing} of a ScaledObject.`,
  });
}
