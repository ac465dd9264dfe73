import type { Json } from '../json.ts';
import { shaped } from './json-shape.ts';
import type { Shape, ShapeProblem } from './json-shape.ts';
import { placeIn, readJson } from './json-text.ts';
import type { JsonNode } from './json-text.ts';
import type { Mistake } from './mistake.ts';

/** A JSON annotation, read. */
export interface JsonAnnotation {
  /** Undefined when the text is not JSON, is `null`, or is of another kind than its shape says. */
  readonly value: Json | undefined;
  readonly mistakes: readonly Mistake[];
}

/** What a JSON annotation must hold, for the machine and for the reader of a message. */
export interface JsonAnnotationRow {
  readonly key: string;
  readonly shape: Shape;
  /** An example of a good value. */
  readonly example: string;
  /** Looks at the whole before its shape does; a message here is the only one. */
  readonly hint?: (node: JsonNode) => string | undefined;
}

/** Reads a JSON annotation. Every message names the key, the place as line and column, what is wrong and what would be right. */
export function readJsonAnnotation(
  text: string,
  { key, shape, example, hint }: JsonAnnotationRow,
): JsonAnnotation {
  const json = readJson(text);
  const refusal = (message: string): JsonAnnotation => ({
    value: undefined,
    mistakes: [{ effect: 'refused', key, message: `${key} ${message}; right is, for example, ${example}.` }],
  });
  if (!json.ok) return refusal(`is not JSON at ${placeIn(text, json.error.at)}: ${json.error.message}`);
  const hinted = hint?.(json.value);
  if (hinted !== undefined) return refusal(hinted);
  if (json.value.kind === 'null') return { value: undefined, mistakes: [] };
  const { value, problems } = shaped(json.value, shape);
  const mistakes = gravestFirst(problems)
    .slice(0, MOST)
    .map(({ at, path, effect, message }): Mistake => ({
      effect,
      key,
      message:
        path === ''
          ? `${key} ${message}; right is, for example, ${example}.`
          : `${key} at ${placeIn(text, at)}: ${path} ${message}.`,
    }));
  return { value, mistakes };
}

/** Nobody mends more at once, and an annotation has room for thousands. */
const MOST = 10;

const gravestFirst = (problems: readonly ShapeProblem[]): readonly ShapeProblem[] => [
  ...problems.filter(({ effect }) => effect === 'refused'),
  ...problems.filter(({ effect }) => effect !== 'refused'),
];
