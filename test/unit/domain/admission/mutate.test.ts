import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { admissionAnswer, type Verdict } from '../../../../src/domain/admission/admission-review.ts';
import { judge } from '../../../../src/domain/admission/judge.ts';
import { mutate, reviewModel } from '../../../../src/domain/admission/mutate.ts';
import type { BridgeConfig } from '../../../../src/domain/config/bridge.ts';
import type { LiveConfig } from '../../../../src/domain/config/live.ts';
import type { Json, JsonObject } from '../../../../src/domain/json.ts';
import { patched } from '../../../builders/json-patch.ts';
import { configOf } from '../../../builders/world.ts';

const IMAGE = 'registry.example.com/model-loader:1.4';
const LOADER = 'registry.example.com/model-loader';

const configWith = (
  bridge: Partial<BridgeConfig> = {},
  features: Partial<LiveConfig['features']> = {},
): LiveConfig => {
  const config = configOf();
  return {
    ...config,
    bridge: { ...config.bridge, allowedModelImages: [IMAGE], ...bridge },
    features: { ...config.features, initContainers: true, ...features },
  };
};

const MODEL = {
  injectModelInitContainer: 'true',
  modelBucket: 'autotables_47',
  modelPath: '/autotables/47/trained_model/2616/',
};

const serviceOf = (annotations: JsonObject, podSpec: JsonObject = {}): JsonObject => ({
  apiVersion: 'serving.knative.dev/v1',
  kind: 'Service',
  metadata: { name: 'shop', namespace: 'team' },
  spec: {
    template: { metadata: { annotations }, spec: { containers: [{ image: 'app' }], ...podSpec } },
  },
});

const asked = (object: JsonObject, config = configWith(), oldObject?: JsonObject): Verdict =>
  mutate(
    {
      uid: '1',
      operation: oldObject === undefined ? 'CREATE' : 'UPDATE',
      subResource: '',
      object,
      oldObject,
    },
    config,
  );

const stored = (object: JsonObject, verdict: Verdict): JsonObject => patched(object, verdict.patch ?? []);
const podSpecIn = (object: JsonObject): JsonObject =>
  ((object['spec'] as JsonObject)['template'] as JsonObject)['spec'] as JsonObject;
const podOf = (annotations: JsonObject, podSpec?: JsonObject, config?: LiveConfig): JsonObject => {
  const object = serviceOf(annotations, podSpec);
  return podSpecIn(stored(object, asked(object, config)));
};
const firstOf = (value: Json | undefined): JsonObject => (value as readonly JsonObject[])[0] ?? {};

describe('a Service that wants a model', () => {
  test('gets an init container, a volume, and the volume read-only where it takes requests', () => {
    expect(podOf(MODEL)).toEqual({
      initContainers: [
        {
          name: 'hpa-bridge-model',
          image: IMAGE,
          args: ['autotables_47', '/autotables/47/trained_model/2616/', '/mnt/models'],
          env: [
            { name: 'MODEL_BUCKET', value: 'autotables_47' },
            { name: 'MODEL_PATH', value: '/autotables/47/trained_model/2616/' },
            { name: 'MODEL_DIR', value: '/mnt/models' },
          ],
          resources: {
            requests: { cpu: '100m', memory: '128Mi' },
            limits: { cpu: '1', memory: '512Mi' },
          },
          securityContext: {
            allowPrivilegeEscalation: false,
            capabilities: { drop: ['ALL'] },
            seccompProfile: { type: 'RuntimeDefault' },
          },
          volumeMounts: [{ name: 'hpa-bridge-model', mountPath: '/mnt/models' }],
        },
      ],
      volumes: [{ name: 'hpa-bridge-model', emptyDir: {} }],
      containers: [
        {
          image: 'app',
          volumeMounts: [{ name: 'hpa-bridge-model', mountPath: '/mnt/models', readOnly: true }],
        },
      ],
    });
  });

  test('says so by the keys with our prefix as well, and everything can be set', () => {
    const pod = podOf(
      {
        'hpa-bridge.dev/inject-model-init-container': 'true',
        'hpa-bridge.dev/model-bucket': 's3://models',
        'hpa-bridge.dev/model-path': 'sentiment/7',
        'hpa-bridge.dev/init-container-image': `${LOADER}:2`,
        'hpa-bridge.dev/model-mount-path': '/opt/model',
        'hpa-bridge.dev/model-size-limit': '2048Mi',
        'hpa-bridge.dev/model-secret': 'store',
      },
      {},
      configWith({
        allowedModelImages: [LOADER],
        modelRequests: { memory: '1024Mi' },
        modelLimits: { memory: '4Gi' },
      }),
    );
    expect(firstOf(pod['initContainers'])).toMatchObject({
      image: `${LOADER}:2`,
      args: ['s3://models', 'sentiment/7', '/opt/model'],
      envFrom: [{ secretRef: { name: 'store' } }],
      volumeMounts: [{ name: 'hpa-bridge-model', mountPath: '/opt/model' }],
    });
    // As Knative writes quantities that it has read.
    expect(firstOf(pod['initContainers'])['resources']).toEqual({
      requests: { memory: '1Gi' },
      limits: { memory: '4Gi' },
    });
    expect(pod['volumes']).toEqual([{ name: 'hpa-bridge-model', emptyDir: { sizeLimit: '2Gi' } }]);
  });

  test('has what it had, and of several containers the one with a port reads the model', () => {
    const own = { name: 'own', image: 'setup' };
    const pod = podOf(MODEL, {
      initContainers: [own],
      volumes: [{ name: 'config', configMap: { name: 'x' } }],
      containers: [
        { name: 'side', image: 'side' },
        { name: 'app', image: 'app', ports: [{ containerPort: 80 }], volumeMounts: [{ name: 'config' }] },
      ],
    });
    expect(pod['initContainers']).toEqual([expect.objectContaining({ name: 'hpa-bridge-model' }), own]);
    expect(pod['volumes']).toEqual([expect.objectContaining({ name: 'config' }), expect.anything()]);
    expect(pod['containers']).toEqual([
      { name: 'side', image: 'side' },
      expect.objectContaining({
        volumeMounts: [{ name: 'config' }, expect.objectContaining({ readOnly: true })],
      }),
    ]);
  });

  test('is changed once: not again by what others add to it, nor when it is applied again', () => {
    const first = stored(serviceOf(MODEL), asked(serviceOf(MODEL)));
    expect(asked(first).patch).toBeUndefined();
    const pod = podSpecIn(first);
    const init = firstOf(pod['initContainers']);
    const defaulted = serviceOf(MODEL, {
      ...pod,
      initContainers: [
        {
          ...init,
          imagePullPolicy: 'Always',
          securityContext: { ...(init['securityContext'] as JsonObject), runAsNonRoot: true },
        },
      ],
    });
    expect(asked(defaulted).patch).toBeUndefined();
    // What kubectl sends has the containers as they are in the file, and keeps what the file does not have.
    const again = serviceOf(MODEL, { ...pod, containers: [{ image: 'app' }] });
    expect(stored(again, asked(again, configWith(), first))).toEqual(first);
  });

  test('gets the new model in the place of the old one, without what it had beside it', () => {
    const before = podOf({ ...MODEL, 'hpa-bridge.dev/model-secret': 'store' });
    const after = podOf({ ...MODEL, modelPath: 'b', 'hpa-bridge.dev/model-mount-path': '/m' }, before);
    expect(after).toEqual(podOf({ ...MODEL, modelPath: 'b', 'hpa-bridge.dev/model-mount-path': '/m' }));
  });

  test('may be named as well as it likes: the patch is text in UTF-8', () => {
    const object = serviceOf({ ...MODEL, modelPath: 'modèles/日本' });
    const { patchType, patch } = admissionAnswer('1', asked(object))['response'] as {
      readonly patchType: string;
      readonly patch: string;
    };
    expect(patchType).toBe('JSONPatch');
    const read = JSON.parse(Buffer.from(patch, 'base64').toString()) as never;
    expect(firstOf(podSpecIn(patched(object, read))['initContainers'])['args']).toContain('modèles/日本');
  });
});

describe('what is taken out again', () => {
  test('is all that was put in, with a word about it, when the annotation goes', () => {
    const pod = podOf(MODEL, { initContainers: [{ name: 'own', volumeMounts: [] }] });
    const object = serviceOf({ ...MODEL, injectModelInitContainer: 'false' }, pod);
    const verdict = asked(object);
    expect(verdict.warnings).toEqual([
      'What is called hpa-bridge-model in the template was taken out, because injectModelInitContainer is not true.',
    ]);
    expect(podSpecIn(stored(object, verdict))).toEqual({
      initContainers: [{ name: 'own', volumeMounts: [] }],
      containers: [{ image: 'app' }],
    });
  });

  test('property: putting in and taking out leaves a pod as it was', () => {
    const name = fc.constantFrom('a', 'b', 'c');
    const named = (more: fc.Arbitrary<JsonObject>): fc.Arbitrary<JsonObject> =>
      fc.tuple(name, more).map(([one, rest]) => ({ name: one, ...rest }));
    const nothing = fc.constant<JsonObject>({});
    const mounts = fc.record<JsonObject>(
      {
        volumeMounts: fc.array(named(nothing), { minLength: 1 }),
        ports: fc.constant([{ containerPort: 1 }]),
      },
      { requiredKeys: [] },
    );
    const pod = fc.record<JsonObject>(
      {
        containers: fc.array(named(mounts), { minLength: 1 }),
        initContainers: fc.array(named(mounts), { minLength: 1 }),
        volumes: fc.array(named(nothing), { minLength: 1 }),
      },
      { requiredKeys: ['containers'] },
    );
    fc.assert(
      fc.property(pod, (plain) => {
        const put = podOf(MODEL, plain);
        expect(podOf(MODEL, put)).toEqual(put);
        expect(podOf({}, put)).toEqual(plain);
      }),
    );
  });
});

const refusedFor = (
  annotations: JsonObject,
  { podSpec = {}, config = configWith() }: { podSpec?: JsonObject; config?: LiveConfig } = {},
): readonly string[] => {
  const { refusals, patch } = asked(serviceOf({ ...MODEL, ...annotations }, podSpec), config);
  expect(patch).toBeUndefined();
  return refusals;
};

describe('what is refused', () => {
  test('a model without a name', () => {
    expect(asked(serviceOf({ injectModelInitContainer: 'true' })).refusals).toEqual([
      'hpa-bridge.dev/model-bucket is missing: expected it beside injectModelInitContainer, for example s3://models.',
      'hpa-bridge.dev/model-path is missing: expected it beside injectModelInitContainer, for example sentiment/2024-05-01.',
    ]);
  });

  test.each([
    // A pod would start without its model.
    ['injectModelInitContainer', 'yes'],
    ['modelBucket', '--delete'],
    ['modelBucket', '$(SECRET)'],
    ['modelBucket', ''],
    ['modelPath', '../other'],
    ['modelPath', 'a/..'],
    ['modelPath', 'a b'],
    ['hpa-bridge.dev/model-mount-path', 'models'],
    ['hpa-bridge.dev/model-mount-path', '/'],
    ['hpa-bridge.dev/model-mount-path', '/dev'],
    ['hpa-bridge.dev/model-mount-path', '/a/../b'],
    ['hpa-bridge.dev/model-size-limit', '0'],
    ['hpa-bridge.dev/model-size-limit', 'much'],
    ['hpa-bridge.dev/model-secret', 'Store'],
  ])('%s: %j', (key, text) => {
    const [sentence = '', ...more] = refusedFor({ [key]: text });
    expect(more).toEqual([]);
    expect(sentence).toMatch(new RegExp(`^${key} is ".*": expected .*, for example .*\\.$`));
  });

  test.each<[string, readonly string[], string, string]>([
    ['another tag', [IMAGE], `${LOADER}:1.5`, `expected ${IMAGE}.`],
    ['a name that only begins alike', [LOADER], `${LOADER}-evil:1`, `expected ${LOADER}.`],
    ['a digest beside the tag', [IMAGE], `${IMAGE}@sha256:00`, `expected ${IMAGE}.`],
    ['any, where none is allowed', [], IMAGE, 'expected it there.'],
  ])('an image that is not allowed: %s', (_, allowedModelImages, image, expected) => {
    const config = configWith({ allowedModelImages });
    expect(refusedFor({ initContainerImage: image }, { config })).toEqual([
      `initContainerImage is "${image}", which is not in allowed-model-images of config-hpa-bridge: ${expected}`,
    ]);
  });

  test.each([`${LOADER}:7`, `${LOADER}@sha256:00`, LOADER])(
    'but not %s where its repository is allowed',
    (image) => {
      const pod = podOf(
        { ...MODEL, initContainerImage: image },
        {},
        configWith({ allowedModelImages: [LOADER] }),
      );
      expect(firstOf(pod['initContainers'])['image']).toBe(image);
    },
  );

  test('what the platform owner does not allow, or has said wrongly', () => {
    expect(refusedFor({}, { config: configWith({ allowedModelImages: [] }) })).toEqual([
      'injectModelInitContainer is true, but no image may download it: expected one in allowed-model-images of config-hpa-bridge.',
    ]);
    expect(
      refusedFor(
        { 'hpa-bridge.dev/model-size-limit': '2Ti' },
        { config: configWith({ modelSizeLimit: '1Ti' }) },
      ),
    ).toEqual([
      'hpa-bridge.dev/model-size-limit is "2Ti": expected at most 1Ti, the model-size-limit of config-hpa-bridge.',
    ]);
    expect(
      refusedFor({}, { config: configWith({ modelRequests: { cpu: '2' }, modelLimits: { cpu: '1500m' } }) }),
    ).toEqual([
      'injectModelInitContainer is true, but config-hpa-bridge requests more cpu for it than it limits it to: expected at most 2 in model-requests, or at least that in model-limits.',
    ]);
  });

  test('what Knative would refuse, by the name of its flag', () => {
    const config = configWith({}, { initContainers: false, emptyDirs: false });
    expect(refusedFor({}, { config })).toEqual([
      'injectModelInitContainer is true, but Knative does not allow what it takes: expected kubernetes.podspec-init-containers to be enabled in config-features.',
      'injectModelInitContainer is true, but Knative does not allow what it takes: expected kubernetes.podspec-volumes-emptydir to be enabled in config-features.',
    ]);
  });

  test('a place where something else is mounted', () => {
    const podSpec = { containers: [{ volumeMounts: [{ name: 'config', mountPath: '/mnt/models/' }] }] };
    expect(refusedFor({}, { podSpec })).toEqual([
      'hpa-bridge.dev/model-mount-path is "/mnt/models", where the container mounts the volume "config": expected a path that nothing is mounted at.',
    ]);
  });
});

describe('what is left alone', () => {
  const MADE = {
    ownerReferences: [{ apiVersion: 'serving.knative.dev/v1', kind: 'Service', controller: true }],
  };
  const BAD = { ...MODEL, modelBucket: '' };

  test.each<[string, JsonObject]>([
    ['one that asks for nothing', serviceOf({})],
    ['what Knative makes of a Service', { ...serviceOf(BAD), metadata: MADE }],
    ['what is being deleted', { ...serviceOf(BAD), metadata: { deletionTimestamp: 'now' } }],
    ['another kind', { ...serviceOf(BAD), kind: 'Revision' }],
    ['what is no Service', { ...serviceOf(BAD), spec: { template: 'x' } }],
  ])('%s', (_, object) => expect(asked(object)).toEqual({ refusals: [], warnings: [] }));

  test('an edit of something else, although a new revision would be another one', () => {
    const before = serviceOf(MODEL);
    const labelled = { ...before, metadata: { name: 'shop', labels: { team: 'a' } } };
    const nobody = configWith({ allowedModelImages: [] });
    expect(asked(labelled, nobody, before)).toEqual({ refusals: [], warnings: [] });
    const edited = serviceOf(MODEL, { containers: [{ image: 'app:2' }] });
    expect(asked(edited, nobody, before).refusals).toHaveLength(1);
  });
});

describe('where nothing was put in', () => {
  const judged = (object: JsonObject): Verdict =>
    judge(
      { uid: '1', operation: 'CREATE', subResource: '', object, oldObject: undefined },
      { classes: new Set(), config: configWith(), kedaServed: true },
    );

  test('the author hears of it, whatever the class', () => {
    expect(judged(serviceOf(MODEL)).warnings).toEqual([
      'injectModelInitContainer is true, but nothing was put in to download the model: expected the namespace team to have the label hpa-bridge.dev/models=enabled, or the one that the platform owner chose for it.',
    ]);
    expect(judged(serviceOf(MODEL, podOf(MODEL)))).toEqual({ refusals: [], warnings: [] });
  });

  test('mistakes are found without a cluster, and of its rules only those that are known', () => {
    const known = { config: configOf(), configMaps: new Set<string>(), backend: undefined };
    expect(reviewModel(serviceOf({ ...MODEL, initContainerImage: 'any' }), known)).toEqual([]);
    expect(reviewModel(serviceOf({ ...MODEL, modelPath: '..' }), known)).toEqual([
      {
        severity: 'error',
        path: ['spec', 'template', 'metadata', 'annotations', 'modelPath'],
        message: expect.stringMatching(/^modelPath is "\.\.": expected a path/),
      },
    ]);
    const all = { ...known, configMaps: new Set(['config-hpa-bridge', 'config-features']) };
    expect(reviewModel(serviceOf(MODEL), all)).toHaveLength(2);
  });
});
