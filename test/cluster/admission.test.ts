import { connect } from 'node:tls';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { stringify } from 'yaml';
import { MODELS_LABEL } from '../../src/domain/admission/webhooks.ts';
import { apiVersionOf } from '../../src/domain/k8s/resources.ts';
import { eventually } from './api.ts';
import { addressesOf, installAsPods, uninstallPods } from './bridge.ts';
import { configured } from './cluster-config.ts';
import { KINDS } from './kinds.ts';
import { api, kubectl, namespace, SYSTEM } from './lab.ts';
import { ModelStore } from './model-store.ts';
import { applyService, type Annotations, PLAIN_QUERY, readyRevision, serviceOf } from './serving.ts';

const GOOD = { query: PLAIN_QUERY, target: '5' };
const BAD = { ...GOOD, query: 'sum(depth' };
const SAID_OF_BAD = 'autoscaling.knative.dev/query ends too early at line 1 column 10: expected ).';
const DENIED = 'admission webhook "validation.hpa-bridge.dev" denied the request: ';
const MODEL_DENIED = 'admission webhook "models.hpa-bridge.dev" denied the request: ';
const INJECT = 'hpa-bridge.dev/inject-model-init-container';
const MODEL = { ...GOOD, [INJECT]: 'true', 'hpa-bridge.dev/model-path': 'sentiment/weights' };

let space: Awaited<ReturnType<typeof namespace>>;
beforeAll(async () => {
  space = await namespace('admission');
  const [label = '', value] = MODELS_LABEL.split('=');
  await api.patch(KINDS.namespace, undefined, space.name, { metadata: { labels: { [label]: value } } });
  // Nobody answers yet: it is stored, mistakes and all.
  await applyService(space.name, 'old', BAD);
  // A machine that has no time for some seconds is no certificate that does not fit.
  await installAsPods({ webhooks: { timeoutSeconds: 30 } });
});
afterAll(async () => {
  await uninstallPods();
  await space[Symbol.asyncDispose]();
});

/** The Service as kubectl reads it. */
const written = (name: string, annotations: Annotations, spec = {}): string => {
  const { apiVersion, kind } = { apiVersion: apiVersionOf(KINDS.service), kind: KINDS.service.kind };
  return stringify({ apiVersion, kind, ...serviceOf(space.name, name, annotations, spec) });
};

/** What kubectl says when it applies the Service and stores nothing: refusals and warnings. Empty when there is nothing to say. */
async function saidOf(name: string, annotations: Annotations, spec = {}): Promise<string> {
  const flags = ['--server-side', '--force-conflicts', '--dry-run=server', '--warnings-as-errors'];
  return kubectl(['apply', ...flags, '-f', '-'], written(name, annotations, spec)).then(
    () => '',
    (thrown: unknown) => String(thrown),
  );
}

test('a mistake is refused when it is applied, an unknown key is warned of, and what is good is taken', async () => {
  // The certificate is made and trusted in the first seconds; until then the API server goes on without an answer.
  await eventually(async () => expect(await saidOf('new', BAD)).toContain(DENIED));
  expect(await saidOf('new', BAD)).toContain(`${DENIED}${SAID_OF_BAD}`);
  expect(await saidOf('new', { ...GOOD, 'max-scael': '5' })).toContain(
    'Warning: "autoscaling.knative.dev/max-scael" is not an annotation that Knative or hpa-bridge reads; did you mean autoscaling.knative.dev/max-scale?',
  );
  // Its query is tried, at a Prometheus that is not there: that is told, and keeps nobody from applying. (Knative itself warns of the security context.)
  const said = await saidOf('new', GOOD);
  expect(said).toMatch(/Warning: (Tried now, autoscaling\.knative\.dev\/query: |.* could not be tried: )/);
  expect(said).not.toContain('denied the request');
});

test('an object that was bad before can be edited, and Knative makes its next revision', async () => {
  await eventually(async () => expect(await saidOf('new', BAD)).toContain(DENIED));
  expect(await saidOf('old', BAD, { containerConcurrency: 7 })).toContain(`Warning: ${SAID_OF_BAD}`);
  await applyService(space.name, 'old', BAD, { containerConcurrency: 7 });
  await eventually(async () => {
    const { status } = await api.get(KINDS.service, space.name, 'old');
    expect(status?.latestCreatedRevisionName).toBe('old-00002');
  });
  expect(await saidOf('old', { ...BAD, query: 'sum(' })).toContain(DENIED);
});

/** What the app of a revision reads in the file, and whether it could have written it. */
async function readByApp(revision: string, path: string): Promise<string> {
  const query = `?labelSelector=serving.knative.dev%2Frevision%3D${revision}`;
  const [pod] = await api.list(KINDS.pod, space.name, query);
  const answer = await fetch(`http://${pod?.status?.podIP}:8012/file?path=${path}`);
  return (await answer.text()).trim();
}

const initContainersOf = async (name: string): Promise<readonly string[]> => {
  const { spec } = await api.get(KINDS.service, space.name, name);
  return (spec.template.spec.initContainers ?? []).map((one) => one.name);
};

test('an init container downloads the model that a Service names, with the credentials of a Secret, and the app reads it', async () => {
  const token = 'a-token-of-the-store';
  await using store = await ModelStore.start(token, { '/models/sentiment/weights': '42' });
  const annotations = { ...MODEL, 'hpa-bridge.dev/model-bucket': `${store.url}/models` };
  // Knative has init containers off: that is said before Knative says that there must be none.
  await eventually(async () => expect(await saidOf('bert', annotations)).toContain(MODEL_DENIED));
  expect(await saidOf('bert', annotations)).toContain(
    'expected kubernetes.podspec-init-containers to be enabled in config-features.',
  );
  await api.apply(KINDS.secret, {
    metadata: { namespace: space.name, name: 'model-store' },
    stringData: { MODEL_TOKEN: token },
  });
  const allowed = { 'allowed-model-images': 'dev.local/modelfetch:1', 'model-secret': 'model-store' };
  const features = { 'kubernetes.podspec-init-containers': 'enabled' };
  await configured('config-features', features, () =>
    configured('config-hpa-bridge', allowed, async () => {
      await eventually(async () => expect(await saidOf('bert', annotations)).not.toContain('denied'));
      await applyService(space.name, 'bert', annotations);
      const revision = await readyRevision(space.name, 'bert');
      expect(await readByApp(revision, '/mnt/models/weights')).toBe('writable false: 42');

      // Once more, by the same manager, by another one, and as kubectl does it without the server's help: it is as it was.
      const { metadata } = await api.get(KINDS.service, space.name, 'bert');
      await applyService(space.name, 'bert', annotations);
      const file = written('bert', annotations);
      await kubectl(
        ['apply', '--server-side', '--force-conflicts', '--field-manager=other', '-f', '-'],
        file,
      );
      await kubectl(['apply', '-f', '-'], file);
      expect(await initContainersOf('bert')).toEqual(['hpa-bridge-model']);
      expect((await api.get(KINDS.service, space.name, 'bert')).metadata.generation).toBe(
        metadata.generation,
      );

      // Without the annotation it is gone, although nobody took it out of the Service.
      await kubectl(['apply', '-f', '-'], written('bert', GOOD));
      expect(await initContainersOf('bert')).toEqual([]);
      expect(await readyRevision(space.name, 'bert')).toBe('bert-00002');
    }),
  );
});

/** The certificates that the replicas show, by their fingerprints. */
const shown = async (): Promise<readonly string[]> => {
  const { spec } = await api.get(KINDS.deployment, SYSTEM, 'hpa-bridge');
  const ports = spec.template.spec.containers.flatMap(({ ports: all = [] }) => all);
  const port = ports.find(({ name }) => name === 'webhook')?.containerPort ?? 0;
  return Promise.all((await addressesOf('controller')).map((host) => fingerprintAt(host, port)));
};

const fingerprintAt = (host: string, port: number): Promise<string> =>
  new Promise((resolve, reject) => {
    const socket = connect({ host, port, rejectUnauthorized: false }, () => {
      resolve(socket.getPeerCertificate().fingerprint256);
      socket.end();
    }).on('error', reject);
  });

test('a certificate is replaced while objects are applied, and every one of them is judged', async () => {
  const denied = async (): Promise<void> => {
    expect(await saidOf('new', BAD)).toContain(DENIED);
    expect(await saidOf('bert', MODEL)).toContain(MODEL_DENIED);
  };
  await eventually(denied);
  const [before] = await shown();
  await api.patch(KINDS.secret, SYSTEM, 'hpa-bridge-webhook', { data: null });
  const replaced = async (): Promise<boolean> => (await shown()).every((one) => one !== before);
  for (let more = 3; more > 0;) {
    await denied();
    if (await replaced()) more--;
  }
});
