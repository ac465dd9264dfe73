import { keyOfSetting, presentKey } from '../annotation/table.ts';
import { CONFIG_MAPS } from '../config/config-maps.ts';
import type { LiveConfig } from '../config/live.ts';
import { isJsonObject, sameJson, type Json, type JsonObject } from '../json.ts';
import type { AdmissionRequest, Verdict } from './admission-review.ts';
import type { Finding } from './finding.ts';
import { wantsModel } from './model.ts';
import { hasModel, podSpecIn } from './model-patch.ts';
import { review, type Asked } from './review.ts';
import { KNATIVE_SERVING, templateOf } from './template.ts';
import { MODELS_LABEL } from './webhooks.ts';

/** The cluster as it is now. */
export interface Cluster {
  /** The classes whose revisions are ours. */
  readonly classes: ReadonlySet<string>;
  readonly config: LiveConfig;
  readonly kedaServed: boolean;
}

const NOTHING: Verdict = { refusals: [], warnings: [] };
/** Nobody mends more at once, and the API server cuts what is longer than some thousand characters. */
const MOST = 10;
/** People write a few hundred characters. Whoever applies an object waits for us, and so does everybody after them. */
const MOST_CHARACTERS = 32_768;
const MOST_ANNOTATIONS = 100;
const TOO_MUCH: Verdict = {
  refusals: [],
  warnings: [
    `The annotations are too long to be judged when they are applied: expected at most ${MOST_CHARACTERS} characters in ${MOST_ANNOTATIONS} annotations; hpa-bridge tells what is wrong with them in the condition AnnotationsValid.`,
  ],
};

/**
 * Judges a request by what it changes. Refused is only what this change brings in, what is wrong whether KEDA is there or not, and what
 * somebody wrote; all else that is wrong is a warning. Objects of other classes are never refused.
 */
export function judge(request: AdmissionRequest, cluster: Cluster): Verdict {
  const { object } = request;
  if (object === undefined || !isAsked(request, object)) return NOTHING;
  const ours = isOurs(object, cluster.classes);
  if (ours && (isTooMuch(object) || isTooMuch(request.oldObject))) return TOO_MUCH;
  const asked = askedOf(cluster);
  const findings = review(object, asked);
  const refused = ours ? newErrors(request, object, { asked, findings }) : new Set<string>();
  const sentences = (wanted: boolean): readonly string[] =>
    few(findings.filter((finding) => refused.has(idOf(finding)) === wanted).map(({ message }) => message));
  return { refusals: sentences(true), warnings: [...sentences(false), ...withoutItsModel(object)] };
}

/** What is known of the cluster when an object is judged. */
export const askedOf = ({ classes, config, kedaServed }: Cluster): Asked => ({
  classes,
  config,
  configMaps: new Set(Object.keys(CONFIG_MAPS)),
  backend: kedaServed ? 'keda' : 'hpa',
});

/** Whether a request brings in annotations of a revision of ours that can be judged. */
export function isNew(request: AdmissionRequest, { classes }: Cluster): boolean {
  const { object, oldObject } = request;
  if (object === undefined || !isAsked(request, object) || !isOurs(object, classes)) return false;
  return !isTooMuch(object) && (oldObject === undefined || !sameAnnotations(object, oldObject));
}

/** Whoever puts models in was asked before us, and only where the namespace wants it. */
function withoutItsModel(object: JsonObject): readonly string[] {
  const [template, podSpec] = [templateOf(object), podSpecIn(object)];
  if (template === undefined || podSpec === undefined || hasModel(podSpec)) return [];
  if (!wantsModel(template.annotations)) return [];
  const key = presentKey(template.annotations, 'injectModel') ?? '';
  return [
    `${key} is true, but nothing was put in to download the model: expected the namespace ${template.namespace} to have the label ${MODELS_LABEL}, or the one that the platform owner chose for it.`,
  ];
}

/** Whether an object is judged at all. What is on its way out is let go. What Knative makes of another object was asked about when somebody wrote that one. */
export function isAsked({ operation, subResource }: AdmissionRequest, object: JsonObject): boolean {
  const { deletionTimestamp } = metadataOf(object);
  if (subResource !== '' || deletionTimestamp !== undefined) return false;
  if (operation === 'CREATE') return !isMade(object);
  return operation === 'UPDATE' && !(isMade(object) && object['kind'] === 'Configuration');
}

const metadataOf = ({ metadata }: JsonObject): JsonObject => (isJsonObject(metadata) ? metadata : {});

function isMade(object: JsonObject): boolean {
  const { ownerReferences } = metadataOf(object);
  if (!Array.isArray(ownerReferences)) return false;
  return ownerReferences.some(
    (owner: Json) =>
      isJsonObject(owner) &&
      owner['controller'] === true &&
      typeof owner['apiVersion'] === 'string' &&
      owner['apiVersion'].startsWith(KNATIVE_SERVING),
  );
}

const isOurs = (object: JsonObject, classes: ReadonlySet<string>): boolean =>
  classes.has(templateOf(object)?.annotations[keyOfSetting('class')] ?? '');

function isTooMuch(object: JsonObject | undefined): boolean {
  const entries = Object.entries((object && templateOf(object)?.annotations) ?? {});
  const characters = entries.reduce((sum, [key, text]) => sum + key.length + text.length, 0);
  return entries.length > MOST_ANNOTATIONS || characters > MOST_CHARACTERS;
}

/** The same place and the same sentence is the same mistake. */
const idOf = ({ path, message }: Finding): string => `${path.join('\n')}\n${message}`;
const placeOf = ({ path }: Finding): string => path.join('\n');
const errorsIn = (findings: readonly Finding[]): readonly Finding[] =>
  findings.filter(({ severity }) => severity === 'error');

/** Which errors are of this change, and would be errors with KEDA and without. */
function newErrors(
  { oldObject }: AdmissionRequest,
  object: JsonObject,
  { asked, findings }: { readonly asked: Asked; readonly findings: readonly Finding[] },
): ReadonlySet<string> {
  const errors = errorsIn(findings);
  if (errors.length === 0 || (oldObject !== undefined && sameAnnotations(object, oldObject)))
    return new Set();
  const anywhere = new Set(errorsIn(review(object, { ...asked, backend: undefined })).map(placeOf));
  const before = new Set(oldObject === undefined ? [] : errorsIn(review(oldObject, asked)).map(idOf));
  return new Set(
    errors.filter((error) => anywhere.has(placeOf(error)) && !before.has(idOf(error))).map(idOf),
  );
}

function sameAnnotations(object: JsonObject, oldObject: JsonObject): boolean {
  const [now, before] = [templateOf(object), templateOf(oldObject)];
  return sameJson(now?.written, before?.written) && sameJson(now?.outside, before?.outside);
}

function few(sentences: readonly string[]): readonly string[] {
  if (sentences.length <= MOST) return sentences;
  return [...sentences.slice(0, MOST), `There are ${sentences.length - MOST} more like these.`];
}
