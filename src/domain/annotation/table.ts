import { BRIDGE_ANNOTATIONS } from './table-bridge.ts';
import { KEDA_ANNOTATIONS } from './table-keda.ts';
import { KNATIVE_ANNOTATIONS } from './table-knative.ts';
import { MODEL_ANNOTATIONS } from './table-model.ts';
import type { Row } from './columns.ts';

/**
 * Every annotation that is read, once. Types, parsing, documentation and fuzzing come from here; no other file spells a key.
 * The order is that of the documentation.
 */
export const ANNOTATIONS = {
  ...KNATIVE_ANNOTATIONS,
  ...KEDA_ANNOTATIONS,
  ...BRIDGE_ANNOTATIONS,
  ...MODEL_ANNOTATIONS,
} as const;

export type Setting = keyof typeof ANNOTATIONS;

/** The value that a row's text is read into. */
export type ValueOf<S extends Setting> = (typeof ANNOTATIONS)[S] extends Row<infer T> ? T : never;

/** The rows by the name of their setting. */
export const SETTINGS = Object.keys(ANNOTATIONS) as readonly Setting[];

/** The canonical key of a setting. */
export const keyOfSetting = (setting: Setting): string => ANNOTATIONS[setting].key;

const SPELLINGS = new Map(
  SETTINGS.map((setting) => [setting, [ANNOTATIONS[setting].key, ...ANNOTATIONS[setting].aliases]]),
);

/** Every spelling of a setting's key, the one that wins first. */
export const spellings = (setting: Setting): readonly string[] => SPELLINGS.get(setting) ?? [];

/** The spelling that counts: the first one present, even if its value is broken. */
export const presentKey = (
  annotations: Readonly<Record<string, string>>,
  setting: Setting,
): string | undefined => spellings(setting).find((key) => Object.hasOwn(annotations, key));
