import type { Mistake } from '../annotation/mistake.ts';
import { readSettings, withConsequences, type Annotations } from '../annotation/parse.ts';
import type { Settings } from '../annotation/settings.ts';
import { ANNOTATIONS, keyOfSetting, presentKey, type Setting } from '../annotation/table.ts';
import { BRIDGE_KEYS, type BridgeConfig } from '../config/bridge.ts';
import { FEATURES_KEYS, type FeaturesConfig } from '../config/features.ts';
import type { JsonObject } from '../json.ts';
import { isMore, parseQuantity, printQuantity } from '../k8s/quantity.ts';
import { err, ok, type Result } from '../result.ts';
import { shown } from '../shown.ts';

/** The init container that downloads the model and the volume that it is downloaded into have this name, and nothing else may. */
export const MODEL_NAME = 'hpa-bridge-model';

const MOUNT_PATH = '/mnt/models';

/** As Pod Security's restricted profile wants it, but for the user, which the image decides. */
export const SECURITY_CONTEXT: JsonObject = {
  allowPrivilegeEscalation: false,
  capabilities: { drop: ['ALL'] },
  seccompProfile: { type: 'RuntimeDefault' },
};

/** What is put into a template so that its pods have a model. */
export interface ModelParts {
  /** The init container, with all that we mean of it. */
  readonly initContainer: JsonObject;
  readonly volume: JsonObject;
  /** Where the volume is mounted. */
  readonly mountPath: string;
}

/** What the platform owner says about models. Undefined: that ConfigMap is not known, and nothing in it is wrong. */
export interface ModelRules {
  readonly bridge: BridgeConfig | undefined;
  readonly features: FeaturesConfig | undefined;
}

interface Sight extends ModelRules {
  readonly settings: Settings;
  /** A key as the user wrote it. */
  readonly key: (setting: Setting) => string;
}

/** The settings that are read here, and nowhere else. */
export const isOfModels = (setting: Setting): boolean =>
  (ANNOTATIONS[setting].readBy as readonly string[]).includes('models');

const MODEL_SETTINGS = (Object.keys(ANNOTATIONS) as readonly Setting[]).filter(isOfModels);

/** Whether the annotations ask for a model. */
export const wantsModel = (annotations: Annotations): boolean =>
  readSettings(annotations).settings.injectModel === true;

/** What the annotations of a template ask for; undefined: nothing. The error names each annotation with which nothing can be downloaded. */
export function modelOf(
  annotations: Annotations,
  rules: ModelRules,
): Result<ModelParts | undefined, readonly Mistake[]> {
  const { settings, mistakes } = readSettings(annotations);
  const key = (setting: Setting): string => presentKey(annotations, setting) ?? keyOfSetting(setting);
  const isMisread = mistakes.some((mistake) => mistake.key === key('injectModel'));
  if (settings.injectModel !== true && !isMisread) return ok(undefined);
  const ours = new Set(MODEL_SETTINGS.map(key));
  const misread = mistakes.filter((mistake) => ours.has(mistake.key));
  const sight: Sight = { ...rules, settings, key };
  const refusals = withConsequences(annotations, misread, [
    ...misread.map((mistake): Mistake => ({ ...mistake, effect: 'refused' })),
    ...RULES.flatMap((rule) => rule(sight)),
  ]);
  return refusals.length > 0 ? err(refusals) : ok(partsOf(sight));
}

/** What is wrong between annotations and what the platform owner allows. */
type Rule = (sight: Sight) => readonly Mistake[];

const refusal = ({ key }: Sight, setting: Setting, says: string): Mistake => ({
  effect: 'refused',
  key: key(setting),
  message: `${key(setting)} ${says}`,
});

const required: Rule = (sight) =>
  (['modelBucket', 'modelPath'] as const)
    .filter((setting) => sight.settings[setting] === undefined)
    .map((setting) =>
      refusal(
        sight,
        setting,
        `is missing: expected it beside ${sight.key('injectModel')}, for example ${ANNOTATIONS[setting].example}.`,
      ),
    );

const featuresOn: Rule = (sight) =>
  (['initContainers', 'emptyDirs'] as const)
    .filter((feature) => sight.features?.[feature] === false)
    .map((feature) =>
      refusal(
        sight,
        'injectModel',
        `is true, but Knative does not allow what it takes: expected ${FEATURES_KEYS[feature].key} to be enabled in config-features.`,
      ),
    );

/** `registry:5000/team/loader:v1@sha256:...` without tag and digest. */
const repositoryOf = (image: string): string => (image.split('@', 1)[0] ?? '').replace(/:[^/:]*$/, '');

const imageAllowed: Rule = (sight) => {
  const { settings, bridge } = sight;
  if (bridge === undefined) return [];
  const { allowedModelImages: allowed } = bridge;
  const list = `${BRIDGE_KEYS.allowedModelImages.key} of config-hpa-bridge`;
  const { modelImage: image } = settings;
  if (image === undefined)
    return allowed.length > 0
      ? []
      : [refusal(sight, 'injectModel', `is true, but no image may download it: expected one in ${list}.`)];
  if (allowed.some((one) => one === image || one === repositoryOf(image))) return [];
  const expected = allowed.length === 0 ? 'expected it there' : `expected ${allowed.join(' or ')}`;
  return [refusal(sight, 'modelImage', `is ${shown(image)}, which is not in ${list}: ${expected}.`)];
};

const notLargerThanAllowed: Rule = (sight) => {
  const { modelSizeLimit: asked } = sight.settings;
  const most = sight.bridge?.modelSizeLimit ?? '';
  if (asked === undefined || most === '' || !exceeds(asked, most)) return [];
  const limit = `the ${BRIDGE_KEYS.modelSizeLimit.key} of config-hpa-bridge`;
  return [refusal(sight, 'modelSizeLimit', `is ${shown(asked)}: expected at most ${most}, ${limit}.`)];
};

const requestsWithinLimits: Rule = (sight) => {
  const { modelRequests = {}, modelLimits = {} } = sight.bridge ?? {};
  return Object.entries(modelRequests)
    .filter(([resource, amount]) => exceeds(amount, modelLimits[resource] ?? amount))
    .map(([resource, amount]) =>
      refusal(
        sight,
        'injectModel',
        `is true, but config-hpa-bridge requests more ${resource} for it than it limits it to: expected at most ${amount} in ${BRIDGE_KEYS.modelRequests.key}, or at least that in ${BRIDGE_KEYS.modelLimits.key}.`,
      ),
    );
};

const RULES: readonly Rule[] = [
  required,
  featuresOn,
  imageAllowed,
  notLargerThanAllowed,
  requestsWithinLimits,
];

function exceeds(a: string, b: string): boolean {
  const [left, right] = [parseQuantity(a), parseQuantity(b)];
  return left.ok && right.ok && isMore(left.value, right.value);
}

/** As Knative writes it when it has read it: else every edit would be a change. */
const canonical = (text: string): string => {
  const read = parseQuantity(text);
  return read.ok ? printQuantity(read.value) : text;
};

const quantities = (amounts: Readonly<Record<string, string>> = {}): JsonObject =>
  Object.fromEntries(Object.entries(amounts).map(([resource, text]) => [resource, canonical(text)]));

/** An annotation before what the platform owner says; empty where neither says anything. */
const chosen = ({ settings, bridge }: Sight, setting: 'modelSizeLimit' | 'modelSecret'): string =>
  settings[setting] ?? bridge?.[setting] ?? '';

function partsOf(sight: Sight): ModelParts {
  const { modelBucket = '', modelPath = '', modelMountPath: mountPath = MOUNT_PATH } = sight.settings;
  const [sizeLimit, secret] = [chosen(sight, 'modelSizeLimit'), chosen(sight, 'modelSecret')];
  return {
    mountPath,
    volume: { name: MODEL_NAME, emptyDir: sizeLimit === '' ? {} : { sizeLimit: canonical(sizeLimit) } },
    initContainer: {
      name: MODEL_NAME,
      image: sight.settings.modelImage ?? sight.bridge?.allowedModelImages[0] ?? '',
      args: [modelBucket, modelPath, mountPath],
      env: [
        { name: 'MODEL_BUCKET', value: modelBucket },
        { name: 'MODEL_PATH', value: modelPath },
        { name: 'MODEL_DIR', value: mountPath },
      ],
      ...(secret === '' ? {} : { envFrom: [{ secretRef: { name: secret } }] }),
      resources: {
        requests: quantities(sight.bridge?.modelRequests),
        limits: quantities(sight.bridge?.modelLimits),
      },
      securityContext: SECURITY_CONTEXT,
      volumeMounts: [{ name: MODEL_NAME, mountPath }],
    },
  };
}
