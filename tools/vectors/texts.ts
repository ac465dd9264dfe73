import { isJsonObject, type Json } from '../../src/domain/json.ts';

/** A recorded map of texts: annotations, labels, the data of a ConfigMap. Absent is empty. */
export const textsOf = (value: Json | undefined): Record<string, string> =>
  Object.fromEntries(
    Object.entries(isJsonObject(value) ? value : {}).flatMap(([key, text]) =>
      typeof text === 'string' ? [[key, text]] : [],
    ),
  );

/** A recorded text; absent is empty. */
export const textOf = (value: Json | undefined): string => (typeof value === 'string' ? value : '');

const WORDS: Readonly<Record<string, number>> = { NaN, '+Inf': Infinity, '-Inf': -Infinity };

/** A recorded double; absent is zero. */
export const numberOf = (value: Json | undefined): number =>
  typeof value === 'string' ? (WORDS[value] ?? Number(value)) : typeof value === 'number' ? value : 0;

/** A recorded list; absent is empty. */
export const listOf = (value: Json | undefined): readonly Json[] =>
  Array.isArray(value) ? (value as readonly Json[]) : [];
