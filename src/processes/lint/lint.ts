import { LIVE_DEFAULTS } from '../../domain/config/live.ts';
import { CONFIG_MAPS } from '../../domain/config/config-maps.ts';
import type { Finding, Path } from '../../domain/admission/finding.ts';
import { reviewModel } from '../../domain/admission/mutate.ts';
import { review, reviewConfigMap, type Asked } from '../../domain/admission/review.ts';
import { isJsonObject, type Json, type JsonObject } from '../../domain/json.ts';
import type { Known } from '../../domain/admission/worlds.ts';
import { texts } from '../../domain/admission/template.ts';
import type { Position, ReadDocuments, SourceDocument } from '../../ports/documents.ts';

/** A finding where somebody can go and look. */
export interface Located extends Position, Pick<Finding, 'severity' | 'message'> {
  readonly file: string;
  /** `Service shop`; empty for a document that cannot be read. */
  readonly object: string;
}

export interface Linted {
  /** In the order of the files, and of the places in them. */
  readonly findings: readonly Located[];
  /** Objects that were found, whether there is anything to say about them or not. */
  readonly objects: number;
}

interface Placed {
  readonly file: string;
  readonly document: SourceDocument;
  readonly object: JsonObject;
  /** Where the object stands in the document. */
  readonly base: Path;
}

/** Looks through texts with objects. ConfigMaps that hpa-bridge reads are looked through first, and are what the other objects are judged by. */
export function lint(
  inputs: readonly { readonly name: string; readonly text: string }[],
  read: ReadDocuments,
  asked: Pick<Asked, 'classes' | 'backend'>,
): Linted {
  const documents = inputs.flatMap(({ name, text }) =>
    read(text).map((document) => ({ file: name, document })),
  );
  const placed = documents.flatMap(({ file, document }) =>
    objectsIn(document).map((found): Placed => ({ file, document, ...found })),
  );
  const configMaps = placed.filter(({ object }) => isOurConfigMap(object));
  let known: Known = { config: LIVE_DEFAULTS, configMaps: new Set(), backend: asked.backend };
  const findings = documents.flatMap(unreadable);
  for (const one of configMaps) {
    const [name, data] = [nameOf(one.object), dataOf(one.object)];
    findings.push(...reviewConfigMap(name, data, known).map((finding) => located(one, finding)));
    known = taken(known, name, texts(data));
  }
  for (const one of placed) {
    const ofModel = reviewModel(one.object, known);
    const places = new Set(ofModel.map(placeOf));
    // What makes a model impossible is an error, and not also a value without effect.
    const others = review(one.object, { ...known, classes: asked.classes }).filter(
      (finding) => !places.has(placeOf(finding)),
    );
    findings.push(...[...others, ...ofModel].map((finding) => located(one, finding)));
  }
  const order = new Map(inputs.map(({ name }, i) => [name, i]));
  const rank = ({ file }: Located): number => order.get(file) ?? 0;
  return {
    findings: findings.toSorted((a, b) => rank(a) - rank(b) || a.line - b.line || a.column - b.column),
    objects: placed.length,
  };
}

const placeOf = ({ path }: Finding): string => path.join('\n');

const isOurConfigMap = (object: JsonObject): boolean =>
  object['kind'] === 'ConfigMap' &&
  object['apiVersion'] === 'v1' &&
  Object.hasOwn(CONFIG_MAPS, nameOf(object));

/** A ConfigMap that is refused is as if it were not there. */
function taken(known: Known, name: string, data: Readonly<Record<string, string>>): Known {
  const config = CONFIG_MAPS[name]?.take(known.config, data);
  return config?.ok === true
    ? { ...known, config: config.value, configMaps: new Set([...known.configMaps, name]) }
    : known;
}

/** The object of a document, or those of a List. Other documents, such as values for a chart, are somebody else's. */
function objectsIn({ value }: SourceDocument): readonly Pick<Placed, 'object' | 'base'>[] {
  if (!isJsonObject(value)) return [];
  const { kind, items } = value;
  if (kind !== 'List' || !Array.isArray(items)) return [{ object: value, base: [] }];
  return items.flatMap((object: Json, i) =>
    isJsonObject(object) ? [{ object, base: ['items', String(i)] }] : [],
  );
}

const metadataOf = (object: JsonObject): JsonObject => {
  const { metadata } = object;
  return isJsonObject(metadata) ? metadata : {};
};

function nameOf(object: JsonObject): string {
  const { name } = metadataOf(object);
  return typeof name === 'string' ? name : '';
}

const dataOf = ({ data }: JsonObject): JsonObject => (isJsonObject(data) ? data : {});

const unreadable = ({ file, document }: Pick<Placed, 'file' | 'document'>): Located[] =>
  document.problems.map(({ message, position }) => ({
    file,
    ...position,
    severity: 'error',
    object: '',
    message: `This is not YAML: ${message}`,
  }));

const located = ({ file, document, object, base }: Placed, finding: Finding): Located => ({
  file,
  ...document.positionOf([...base, ...finding.path], finding.at),
  severity: finding.severity,
  object: `${kindOf(object)} ${nameOf(object)}`.trim(),
  message: finding.message,
});

const kindOf = ({ kind }: JsonObject): string => (typeof kind === 'string' ? kind : '');
