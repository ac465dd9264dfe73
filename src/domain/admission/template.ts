import { isJsonObject, type Json, type JsonObject } from '../json.ts';
import type { Path } from './finding.ts';

/** What an object says about the revisions that come of it. */
export interface Template {
  readonly kind: 'Service' | 'Configuration' | 'Revision';
  readonly namespace: string;
  /** Of the revision, or one that it could have. */
  readonly revision: string;
  /** As Knative puts them on the revision. */
  readonly labels: Readonly<Record<string, string>>;
  /** The annotations of the revision; numbers and truth values as if they were in quotes. */
  readonly annotations: Readonly<Record<string, string>>;
  /** The same as they are written. */
  readonly written: JsonObject;
  /** Where they stand. */
  readonly path: Path;
  /** The annotations of the object itself, where these are not the revision's. */
  readonly outside: JsonObject;
  readonly containerConcurrency: number;
}

const KINDS = ['Service', 'Configuration', 'Revision'] as const;
/** How the apiVersion of Knative's own objects begins. */
export const KNATIVE_SERVING = 'serving.knative.dev/';
const SOME_UID = '00000000-0000-0000-0000-000000000000';

const under = (value: Json | undefined, ...path: Path): JsonObject => {
  const found = path.reduce<Json | undefined>((at, name) => (isJsonObject(at) ? at[name] : undefined), value);
  return isJsonObject(found) ? found : {};
};

const text = (value: Json | undefined, otherwise: string): string =>
  typeof value === 'string' && value !== '' ? value : otherwise;

/** A number that is none is not ours to judge. */
const whole = (value: Json | undefined): number => (Number.isInteger(value) ? Number(value) : 0);

/** Reads a Service, Configuration or Revision of Knative; undefined for everything else. */
export function templateOf(object: JsonObject): Template | undefined {
  const kind = KINDS.find((one) => one === object['kind']);
  if (kind === undefined || !text(object['apiVersion'], '').startsWith(KNATIVE_SERVING)) return undefined;
  const metadata = under(object, 'metadata');
  const base = kind === 'Revision' ? [] : ['spec', 'template'];
  const name = text(metadata['name'], 'unnamed');
  const template = under(object, ...base, 'metadata');
  const path = [...base, 'metadata', 'annotations'];
  return {
    kind,
    namespace: text(metadata['namespace'], 'default'),
    revision: text(template['name'], `${name}-00001`),
    labels: { ...texts(under(template, 'labels')), ...labelsOf(kind, name) },
    annotations: quoted(under(object, ...path)),
    written: under(object, ...path),
    path,
    outside: kind === 'Revision' ? {} : under(metadata, 'annotations'),
    containerConcurrency: whole(under(object, ...base, 'spec')['containerConcurrency']),
  };
}

const labelsOf = (kind: Template['kind'], name: string): Readonly<Record<string, string>> => ({
  ...(kind === 'Service' ? { [`${KNATIVE_SERVING}service`]: name } : {}),
  ...(kind === 'Revision' ? {} : { [`${KNATIVE_SERVING}configuration`]: name }),
  [`${KNATIVE_SERVING}revisionUID`]: SOME_UID,
});

const quoted = (object: JsonObject): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(object).flatMap(([key, value]) =>
      typeof value === 'object' || value === undefined ? [] : [[key, String(value)]],
    ),
  );

/** The entries that are texts. */
export const texts = (object: JsonObject): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(object).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  );
