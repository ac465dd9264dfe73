import { shown } from '../shown.ts';
import { BRIDGE_GROUP, type Row } from './columns.ts';
import type { Mistake } from './mistake.ts';
import { nearest } from '../nearest.ts';
import type { Settings } from './settings.ts';
import { ANNOTATIONS, presentKey, SETTINGS, spellings } from './table.ts';

export type Annotations = Readonly<Record<string, string>>;

export interface Reading {
  readonly settings: Settings;
  readonly mistakes: readonly Mistake[];
}

const KNOWN = new Set(SETTINGS.flatMap(spellings));

const expected = (row: Row<unknown>, expects = row.expects): string =>
  `expected ${expects}, for example ${row.example}`;

/** The first limit that the value breaks, as a mistake. */
function beyond<T>(row: Row<T>, key: string, text: string, value: T): Mistake | undefined {
  const broken = row.limits.find((limit) => !limit.holds(value));
  if (broken === undefined) return undefined;
  return {
    effect: broken.effect,
    key,
    message: `${key} is ${shown(text)}, which is out of range: ${expected(row as Row<unknown>, broken.expects)}.`,
  };
}

interface Cell<T> {
  readonly value: T | undefined;
  readonly mistake?: Mistake | undefined;
}

function readCell<T>(row: Row<T>, key: string, text: string): Cell<T> {
  const parsed = row.schema.safeParse(text);
  if (parsed.success) return { value: parsed.data, mistake: beyond(row, key, text, parsed.data) };
  const message = `${key} is ${shown(text)}: ${expected(row as Row<unknown>)}.`;
  return { value: undefined, mistake: { effect: 'ignored', key, message } };
}

function unknownKey(key: string): Mistake {
  const near = nearest(
    key,
    [...KNOWN].filter((known) => known.startsWith(BRIDGE_GROUP)),
  );
  const hint = near === undefined ? 'its documentation lists those that are.' : `did you mean ${near}?`;
  return { effect: 'unknown', key, message: `${shown(key)} is not an annotation of hpa-bridge; ${hint}` };
}

/**
 * Reads the annotations of a Revision or PodAutoscaler. A value that does not parse counts as absent, as upstream has it; one that parses
 * is handed on even where Knative's admission would refuse it. Both are reported, and so are keys with our prefix that we do not know.
 */
export function readSettings(annotations: Annotations): Reading {
  const mistakes: Mistake[] = [];
  const entries = SETTINGS.map((setting) => {
    const key = presentKey(annotations, setting);
    if (key === undefined) return [setting, undefined];
    const cell = readCell(ANNOTATIONS[setting] as Row<unknown>, key, annotations[key] ?? '');
    if (cell.mistake !== undefined) mistakes.push(cell.mistake);
    return [setting, cell.value];
  });
  for (const key of Object.keys(annotations))
    if (key.startsWith(BRIDGE_GROUP) && !KNOWN.has(key)) mistakes.push(unknownKey(key));
  return { settings: Object.fromEntries(entries) as Settings, mistakes };
}
