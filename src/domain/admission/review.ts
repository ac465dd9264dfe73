import { BRIDGE_GROUP, KNATIVE_GROUP } from '../annotation/columns.ts';
import type { Mistake } from '../annotation/mistake.ts';
import { ANNOTATIONS, keyOfSetting, presentKey, SETTINGS, spellings } from '../annotation/table.ts';
import { validateAnnotations, type FieldError } from '../annotation/validate.ts';
import { CONFIG_MAPS } from '../config/config-maps.ts';
import type { JsonObject } from '../json.ts';
import { nearest } from '../nearest.ts';
import { mistakesIn } from '../plan/plan.ts';
import { shown } from '../shown.ts';
import type { Finding, Path } from './finding.ts';
import { isOfModels } from './model.ts';
import { templateOf, texts, type Template } from './template.ts';
import { worldsOf, type Known } from './worlds.ts';

export interface Asked extends Known {
  /** The classes whose revisions are ours. */
  readonly classes: ReadonlySet<string>;
}

/**
 * What is wrong with an object that somebody is about to apply: a Service, Configuration or Revision of Knative. Of what is not known about the
 * cluster, only what is wrong in any case is said.
 */
export function review(object: JsonObject, asked: Asked): readonly Finding[] {
  const template = templateOf(object);
  if (template === undefined) return [];
  const notTexts = quoteless(template.written, template.path);
  const outside = misplaced(template);
  const { annotations } = template;
  if (!asked.classes.has(annotations[keyOfSetting('class')] ?? ''))
    return [...outside, ...classless(template, annotations, asked.classes)];
  const [first, ...others] = worldsOf(template, asked).map((world) => ({
    world,
    mistakes: mistakesIn(world),
  }));
  const certain = (first?.mistakes ?? []).filter((mistake) =>
    others.every(({ mistakes }) => mistakes.some((other) => isAlike(mistake, other))),
  );
  const refusals = first === undefined ? [] : validateAnnotations(first.world.config.autoscaler, annotations);
  return [
    ...notTexts,
    ...outside,
    ...certain.map((mistake) => findingOf(template, mistake, refusals)),
    ...refusals
      .filter((refusal) => !certain.some(({ key }) => isAbout(refusal, key)))
      .map((refusal) => knativesOwn(template, refusal)),
    ...unknownKnative(template, annotations),
  ];
}

/** What is wrong with a ConfigMap that hpa-bridge reads; nothing for others. */
export function reviewConfigMap(name: string, values: JsonObject, known: Known): readonly Finding[] {
  const row = CONFIG_MAPS[name];
  if (row === undefined) return [];
  const data = texts(values);
  const taken = row.take(known.config, data);
  const say = (severity: Finding['severity'], message: string): Finding => ({
    severity,
    path: placeOf(data, message),
    message,
  });
  return [
    ...quoteless(values, ['data']),
    ...(taken.ok ? [] : [say('error', taken.error)]),
    ...row.unknown(data).map((message) => say('warning', message)),
  ];
}

/** Sentences about ConfigMaps begin with the key that they are about. */
function placeOf(data: Readonly<Record<string, string>>, message: string): Path {
  const key = Object.keys(data).find((one) => message.startsWith(one) || message.startsWith(shown(one)));
  return key === undefined ? ['data'] : ['data', key];
}

const isAlike = (one: Mistake, other: Mistake): boolean =>
  one.key === other.key && one.effect === other.effect;

/** An error is what Knative's admission refuses, or what nothing can be built from. */
function findingOf(
  template: Template,
  { effect, key, message, at }: Mistake,
  refusals: readonly FieldError[],
): Finding {
  const isRefused = effect === 'refused' || refusals.some((refusal) => isAbout(refusal, key));
  return {
    severity: isRefused ? 'error' : 'warning',
    path: [...template.path, key],
    message,
    ...(at === undefined ? {} : { at }),
  };
}

/** Some of Knative's paths are followed by words about the value. */
const keysIn = ({ paths }: FieldError): readonly string[] => paths.map((path) => path.split(/[ =]/)[0] ?? '');
const isAbout = (refusal: FieldError, key: string): boolean => keysIn(refusal).includes(key);

const knativesOwn = ({ path }: Template, refusal: FieldError): Finding => ({
  severity: 'error',
  path: [...path, ...keysIn(refusal).slice(0, 1)],
  message: `Knative refuses ${refusal.paths.join(' and ')}: ${refusal.message}.`,
});

/** A number or a truth value where Kubernetes takes nothing but texts. */
const quoteless = (values: JsonObject, path: Path): readonly Finding[] =>
  Object.entries(values)
    .filter(([, value]) => typeof value !== 'string')
    .map(([key, value]) => ({
      severity: 'error',
      path: [...path, key],
      message: `${shown(key)} is ${JSON.stringify(value)}, which is no text: expected it in quotes.`,
    }));

const isRead = (key: string): boolean => key.startsWith(BRIDGE_GROUP) || key.startsWith(KNATIVE_GROUP);

/** Knative refuses its own annotations on a Service or Configuration itself (serving: pkg/apis/serving/metadata_validation.go); ours would do nothing there. */
const misplaced = ({ outside, kind, path }: Template): readonly Finding[] =>
  Object.keys(outside)
    .filter(isRead)
    .map((key) => ({
      severity: key.startsWith(KNATIVE_GROUP) ? 'error' : 'warning',
      path: ['metadata', 'annotations', key],
      message: `${key} is on the ${kind} itself, where it says nothing: expected it under ${path.join('.')}.`,
    }));

/** The class decides whether any of the rest is ours to read. */
function classless(
  { path }: Template,
  annotations: Readonly<Record<string, string>>,
  classes: ReadonlySet<string>,
): readonly Finding[] {
  const ours = SETTINGS.filter(
    (setting) => ANNOTATIONS[setting].definedBy !== 'Knative' && !isOfModels(setting),
  );
  const meant = ours.map((setting) => presentKey(annotations, setting)).find((key) => key !== undefined);
  if (meant === undefined) return [];
  const key = keyOfSetting('class');
  const named = annotations[key];
  const is = named === undefined ? 'is missing' : `is ${shown(named)}`;
  return [
    {
      severity: 'warning',
      path: [...path, named === undefined ? meant : key],
      message: `${key} ${is}, so that nobody reads ${meant}: expected ${[...classes].join(' or ')}.`,
    },
  ];
}

const KNOWN = SETTINGS.flatMap(spellings).filter((key) => key.startsWith(KNATIVE_GROUP));

const unknownKnative = (
  { path }: Template,
  annotations: Readonly<Record<string, string>>,
): readonly Finding[] =>
  Object.keys(annotations)
    .filter((key) => key.startsWith(KNATIVE_GROUP) && !KNOWN.includes(key))
    .map((key) => {
      const near = nearest(key, KNOWN);
      const hint = near === undefined ? `expected one of docs/annotations.md.` : `did you mean ${near}?`;
      return {
        severity: 'warning',
        path: [...path, key],
        message: `${shown(key)} is not an annotation that Knative or hpa-bridge reads; ${hint}`,
      };
    });
