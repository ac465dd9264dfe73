declare const brand: unique symbol;

/** `namespace/name`: what the work queue carries and what stores are indexed by. */
export type Key = `${string}/${string}` & { readonly [brand]: 'Key' };

export const keyOf = (namespace: string, name: string): Key => `${namespace}/${name}` as Key;
export const namespaceOf = (key: Key): string => key.slice(0, key.indexOf('/'));
export const nameOf = (key: Key): string => key.slice(key.indexOf('/') + 1);
