import type { Setting, ValueOf } from './table.ts';

/** The user's annotations, read: one field per row of the table, `undefined` where the key is absent or its value does not parse. */
export type Settings = { readonly [S in Setting]: ValueOf<S> | undefined };
