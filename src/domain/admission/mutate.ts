import { keyOfSetting, presentKey } from '../annotation/table.ts';
import type { LiveConfig } from '../config/live.ts';
import { sameJson, type JsonObject } from '../json.ts';
import { shown } from '../shown.ts';
import type { AdmissionRequest, Verdict } from './admission-review.ts';
import type { Finding } from './finding.ts';
import { isAsked } from './judge.ts';
import { MODEL_NAME, modelOf, type ModelParts, type ModelRules } from './model.ts';
import { modelPatch, occupantOf, podSpecIn } from './model-patch.ts';
import { templateOf, type Template } from './template.ts';
import type { Known } from './worlds.ts';

const NOTHING: Verdict = { refusals: [], warnings: [] };

/**
 * What is put into a Service or Configuration of a namespace that wants it: the init container that downloads a model, or nothing, and then
 * what there was of one is taken out. An edit that leaves the template as it is stays one.
 */
export function mutate(request: AdmissionRequest, { bridge, features }: LiveConfig): Verdict {
  const { object, oldObject } = request;
  if (object === undefined || !isAsked(request, object)) return NOTHING;
  const [template, podSpec] = [templateOf(object), podSpecIn(object)];
  if (template === undefined || template.kind === 'Revision' || podSpec === undefined) return NOTHING;
  if (oldObject !== undefined && sameJson(templateIn(object), templateIn(oldObject))) return NOTHING;
  const model = wanted(template, podSpec, { bridge, features });
  if (!model.ok) return { refusals: model.error.map(({ message }) => message), warnings: [] };
  const patch = modelPatch(podSpec, model.value);
  if (patch.length === 0) return NOTHING;
  const taken = model.value === undefined ? [takenOut(template)] : [];
  return { refusals: [], warnings: taken, patch };
}

const templateIn = ({ spec }: JsonObject): JsonObject | undefined =>
  (spec as JsonObject | undefined)?.['template'] as JsonObject | undefined;

/** What is wrong with what a template says about its model; what is not known of the owner's rules is not wrong. */
export function reviewModel(object: JsonObject, { config, configMaps }: Known): readonly Finding[] {
  const [template, podSpec] = [templateOf(object), podSpecIn(object)];
  if (template === undefined || template.kind === 'Revision' || podSpec === undefined) return [];
  const model = wanted(template, podSpec, {
    bridge: configMaps.has('config-hpa-bridge') ? config.bridge : undefined,
    features: configMaps.has('config-features') ? config.features : undefined,
  });
  if (model.ok) return [];
  return model.error.map(({ key, message }) => ({
    severity: 'error',
    path: [...template.path, ...(Object.hasOwn(template.annotations, key) ? [key] : [])],
    message,
  }));
}

function wanted(
  { annotations }: Template,
  podSpec: JsonObject,
  rules: ModelRules,
): ReturnType<typeof modelOf> {
  const model = modelOf(annotations, rules);
  if (!model.ok || model.value === undefined) return model;
  const occupied = occupation(annotations, podSpec, model.value);
  return occupied === undefined ? model : { ok: false, error: [occupied] };
}

function occupation(
  annotations: Template['annotations'],
  podSpec: JsonObject,
  { mountPath }: ModelParts,
): { readonly effect: 'refused'; readonly key: string; readonly message: string } | undefined {
  const occupant = occupantOf(podSpec, mountPath);
  if (occupant === undefined) return undefined;
  const key = presentKey(annotations, 'modelMountPath') ?? keyOfSetting('modelMountPath');
  const message = `${key} is ${shown(mountPath)}, where the container mounts the volume ${shown(occupant)}: expected a path that nothing is mounted at.`;
  return { effect: 'refused', key, message };
}

const takenOut = ({ annotations }: Template): string =>
  `What is called ${MODEL_NAME} in the template was taken out, because ${presentKey(annotations, 'injectModel') ?? keyOfSetting('injectModel')} is not true.`;
