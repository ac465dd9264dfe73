import { afterAll, expect, test } from '@jest/globals';
import { eventually } from './api.ts';
import { applyAll, rendered, type Rendered } from './bridge.ts';
import { KINDS } from './kinds.ts';
import { api, namespace, SYSTEM } from './lab.ts';
import { PLAIN_QUERY, served } from './serving.ts';

const NAME = 'hpa-bridge';
const PODS = '?labelSelector=app.kubernetes.io%2Fname%3Dhpa-bridge';

interface DeploymentManifest extends Rendered {
  readonly spec: { readonly template: { readonly spec: { readonly containers: readonly object[] } } };
}

const isDeployment = (object: Rendered): object is DeploymentManifest => object.kind === 'Deployment';

/** The same manifest with the image that the lab runs as a process from the bundle. */
function withLabImage(object: Rendered): Rendered {
  if (!isDeployment(object)) return object;
  const { template } = object.spec;
  const containers = template.spec.containers.map((container) => ({
    ...container,
    image: 'local/hpa-bridge:1',
  }));
  const spec = { ...object.spec, template: { ...template, spec: { ...template.spec, containers } } };
  return { ...object, spec } as Rendered;
}

const leader = async (): Promise<string> => {
  const [pod = ''] = (await api.list(KINDS.lease, SYSTEM))
    .map(({ spec }) => spec.holderIdentity ?? '')
    .filter((identity) => identity.startsWith(`${NAME}-`));
  return pod.split('_')[0] ?? '';
};

afterAll(async () => {
  await api.remove(KINDS.deployment, SYSTEM, NAME);
  await eventually(async () => expect(await api.list(KINDS.pod, SYSTEM, PODS)).toEqual([]));
});

test('what config installs works as it is: two pods with their own token, one leads, the other follows', async () => {
  await using space = await namespace('installed');
  await applyAll((await rendered()).map(withLabImage));
  await eventually(async () => {
    const { status } = await api.get(KINDS.deployment, SYSTEM, NAME);
    expect(status).toMatchObject({ readyReplicas: 2 });
  }, 120_000);
  const first = await eventually(async () => {
    const pod = await leader();
    expect(pod).not.toBe('');
    return pod;
  });
  await served(space.name, 'one', { query: PLAIN_QUERY, target: '5' });
  await eventually(() => api.get(KINDS.scaledObject, space.name, 'one-00001'));

  await api.remove(KINDS.pod, SYSTEM, first);
  await eventually(async () => expect(['', first]).not.toContain(await leader()), 120_000);
  await served(space.name, 'two', { query: PLAIN_QUERY, target: '5' });
  await eventually(() => api.get(KINDS.scaledObject, space.name, 'two-00001'));
});
