declare const brand: unique symbol;

/** `namespace/name`: what the work queue carries and what stores are indexed by. */
export type Key = `${string}/${string}` & { readonly [brand]: 'Key' };

export const keyOf = (namespace: string, name: string): Key => `${namespace}/${name}` as Key;
export const namespaceOf = (key: Key): string => key.slice(0, key.indexOf('/'));
export const nameOf = (key: Key): string => key.slice(key.indexOf('/') + 1);

/** Reads `namespace/name`; undefined where a text is none. */
export function parseKey(text: string): Key | undefined {
  const [, namespace, name] = /^([^/\s]+)\/([^/\s]+)$/.exec(text) ?? [];
  return namespace === undefined || name === undefined ? undefined : keyOf(namespace, name);
}
