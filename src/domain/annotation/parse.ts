import { shown } from '../shown.ts';
import { BRIDGE_GROUP, type Row } from './columns.ts';
import type { Mistake } from './mistake.ts';
import { nearest } from '../nearest.ts';
import type { Settings } from './settings.ts';
import { ANNOTATIONS, presentKey, SETTINGS, spellings, type Setting } from './table.ts';

export type Annotations = Readonly<Record<string, string>>;

export interface Reading {
  readonly settings: Settings;
  readonly mistakes: readonly Mistake[];
}

const KNOWN = new Set(SETTINGS.flatMap(spellings));

/** What becomes of a value that is wrong, as a clause. Of one that is refused nothing is made: that needs no words. */
const FATE = { ignored: ', which has no effect', used: ', which is used nevertheless', refused: '' } as const;

interface Cell<T> {
  readonly value: T | undefined;
  /** What is wrong with the text, and what is expected instead. */
  readonly wrong?: { readonly effect: keyof typeof FATE; readonly expects: string };
}

/** The value, and of the limits that it breaks the first. */
function readCell<T>(row: Row<T>, text: string): Cell<T> {
  const parsed = row.schema.safeParse(text);
  if (!parsed.success) return { value: undefined, wrong: { effect: 'ignored', expects: row.expects } };
  const broken = row.limits.find((limit) => !limit.holds(parsed.data));
  if (broken === undefined) return { value: parsed.data };
  return {
    value: parsed.data,
    wrong: { effect: broken.effect, expects: broken.expects ?? row.expects },
  };
}

interface Misread {
  readonly setting: Setting;
  readonly key: string;
  readonly text: string;
}

/** A wrong value with its own fate, or with that of being refused. */
function misread(
  { setting, key, text }: Misread,
  { effect, expects }: NonNullable<Cell<unknown>['wrong']>,
): Mistake {
  const { example } = ANNOTATIONS[setting];
  const message = `${key} is ${shown(text)}${FATE[effect]}: expected ${expects}, for example ${example}.`;
  return { effect, key, message };
}

/**
 * The mistakes of a reading together with those that came of it. Where a value that was misread is one that nothing can be built without,
 * it is refused, and that it is missing or out of bounds is not said beside it.
 */
export function withConsequences(
  annotations: Annotations,
  read: readonly Mistake[],
  later: readonly Mistake[],
): readonly Mistake[] {
  const needed = new Set(later.flatMap(({ effect, key }) => (effect === 'refused' ? [key] : [])));
  const said = new Set(read.flatMap(({ effect, key }) => (effect === 'unknown' ? [] : [key])));
  const restated = read.map((mistake) => {
    const setting = SETTINGS.find((one) => presentKey(annotations, one) === mistake.key);
    if (setting === undefined || !needed.has(mistake.key)) return mistake;
    const text = annotations[mistake.key] ?? '';
    const { wrong } = readCell(ANNOTATIONS[setting] as Row<unknown>, text);
    if (wrong === undefined) return mistake;
    return misread({ setting, key: mistake.key, text }, { ...wrong, effect: 'refused' });
  });
  return [...restated, ...later.filter(({ key }) => !said.has(key))];
}

function unknownKey(key: string): Mistake {
  const ours = [...KNOWN].filter((known) => known.startsWith(BRIDGE_GROUP));
  const near = nearest(key, ours);
  const hint = near === undefined ? `known are ${ours.join(', ')}.` : `did you mean ${near}?`;
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
    const text = annotations[key] ?? '';
    const { value, wrong } = readCell(ANNOTATIONS[setting] as Row<unknown>, text);
    if (wrong !== undefined) mistakes.push(misread({ setting, key, text }, wrong));
    return [setting, value];
  });
  for (const key of Object.keys(annotations))
    if (key.startsWith(BRIDGE_GROUP) && !KNOWN.has(key)) mistakes.push(unknownKey(key));
  return { settings: Object.fromEntries(entries) as Settings, mistakes };
}
