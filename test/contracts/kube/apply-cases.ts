import { expect, test } from '@jest/globals';
import type { JsonObject } from '../../../src/domain/json.ts';
import type { Bench } from './contract.ts';
import { collection, PATCH, type Body } from './kube.ts';
import { autoscaler, configMap, deployment, K, podAutoscaler, scaledObject } from './samples.ts';

const managersOf = (body: Body): string[] =>
  body.metadata.managedFields.map(({ manager, operation, subresource }) =>
    [manager, operation, subresource].filter((part) => part !== undefined).join(' '),
  );
const fieldsOf = (body: Body, manager: string, operation = 'Apply'): unknown =>
  body.metadata.managedFields.find((entry) => entry.manager === manager && entry.operation === operation)
    ?.fieldsV1;

interface HasContainers {
  readonly template: { readonly spec: { readonly containers: readonly { name: string; image: string }[] } };
}
const imagesOf = ({ spec }: Body): string[] =>
  (spec as unknown as HasContainers).template.spec.containers.map(({ name, image }) => `${name}=${image}`);

export function applyCases(bench: () => Bench): void {
  test('creates, and says who owns what', async () => {
    const { kube, namespace } = bench();
    const made = await kube.apply(`${collection(K.ConfigMap, namespace)}/a`, 'us', configMap('a'));
    expect([made.code, made.body.data]).toEqual([201, { color: 'red' }]);
    expect(made.body.metadata.managedFields).toEqual([
      {
        manager: 'us',
        operation: 'Apply',
        apiVersion: 'v1',
        time: expect.stringMatching(/Z$/),
        fieldsType: 'FieldsV1',
        fieldsV1: { 'f:data': { 'f:color': {} } },
      },
    ]);
  });

  test('of the same again is no write', async () => {
    const { kube, namespace } = bench();
    for (const [kind, sample] of [
      [K.ScaledObject, scaledObject('a')],
      [
        K.HorizontalPodAutoscaler,
        autoscaler('a', { behavior: { scaleDown: { stabilizationWindowSeconds: 5 } } }),
      ],
      [K.Deployment, deployment('a')],
      [K.PodAutoscaler, podAutoscaler('a', { x: 'y' })],
    ] as const) {
      const path = `${collection(kind, namespace)}/a`;
      const first = await kube.apply(path, 'us', sample);
      const second = await kube.apply(path, 'us', sample);
      expect([first.code, second.code]).toEqual([201, 200]);
      expect(second.body).toEqual(first.body);
    }
  });

  test('removes what it owned and does not name any more', async () => {
    const { kube, namespace } = bench();
    const path = `${collection(K.ConfigMap, namespace)}/a`;
    await kube.apply(path, 'us', configMap('a', { color: 'red', size: '5' }));
    const next = await kube.apply(path, 'us', configMap('a', { size: '5' }));
    expect(next.body.data).toEqual({ size: '5' });
    const last = await kube.apply(path, 'us', {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'a' },
    });
    expect(last.body).not.toHaveProperty('data');
  });

  test('leaves alone what others own', async () => {
    const { kube, namespace } = bench();
    const path = `${collection(K.ConfigMap, namespace)}/a`;
    await kube.apply(path, 'us', configMap('a', { color: 'red' }));
    await kube.merge(
      path,
      { data: { theirs: 'x' }, metadata: { labels: { theirs: 'x' } } },
      { fieldManager: 'them' },
    );
    const next = await kube.apply(path, 'us', configMap('a', { color: 'blue' }));
    expect(next.body.data).toEqual({ color: 'blue', theirs: 'x' });
    expect(next.body.metadata['labels']).toEqual({ theirs: 'x' });
    expect(managersOf(next.body).sort()).toEqual(['them Update', 'us Apply']);
  });

  test('of what another owns is a conflict that names it', async () => {
    const { kube, namespace } = bench();
    const path = `${collection(K.ConfigMap, namespace)}/a`;
    await kube.apply(path, 'them', configMap('a', { color: 'red' }));
    const reply = await kube.apply(path, 'us', configMap('a', { color: 'blue' }));
    expect([reply.code, reply.body.reason]).toEqual([409, 'Conflict']);
    expect(reply.body.details.causes).toHaveLength(1);
    expect(reply.body.details.causes?.[0]).toMatchObject({
      reason: 'FieldManagerConflict',
      field: '.data.color',
    });
    expect(reply.body.details.causes?.[0]?.['message']).toContain('"them"');
    expect((await kube.get(path)).body.data).toEqual({ color: 'red' });
  });

  test('by force takes it over', async () => {
    const { kube, namespace } = bench();
    const path = `${collection(K.ConfigMap, namespace)}/a`;
    await kube.apply(path, 'them', configMap('a', { color: 'red', kept: 'x' }));
    const forced = await kube.apply(path, 'us', configMap('a', { color: 'blue' }), { force: true });
    expect([forced.code, forced.body.data]).toEqual([200, { color: 'blue', kept: 'x' }]);
    expect(fieldsOf(forced.body, 'us')).toEqual({ 'f:data': { 'f:color': {} } });
    expect(fieldsOf(forced.body, 'them')).toEqual({ 'f:data': { 'f:kept': {} } });
    const back = await kube.apply(path, 'them', configMap('a', { color: 'red', kept: 'x' }));
    expect(back.code).toBe(409);
  });

  test('of the same value shares it, and it stays until the last lets go', async () => {
    const { kube, namespace } = bench();
    const path = `${collection(K.ConfigMap, namespace)}/a`;
    await kube.apply(path, 'them', configMap('a', { color: 'red' }));
    const shared = await kube.apply(path, 'us', configMap('a', { color: 'red', more: 'x' }));
    expect([fieldsOf(shared.body, 'them'), fieldsOf(shared.body, 'us')]).toEqual([
      { 'f:data': { 'f:color': {} } },
      { 'f:data': { 'f:color': {}, 'f:more': {} } },
    ]);
    const theyLeave = await kube.apply(path, 'them', configMap('a', {}));
    expect(theyLeave.body.data).toEqual({ color: 'red', more: 'x' });
    const weLeave = await kube.apply(path, 'us', configMap('a', { more: 'x' }));
    expect(weLeave.body.data).toEqual({ more: 'x' });
  });

  test('a plain write takes what it changes', async () => {
    const { kube, namespace } = bench();
    const path = `${collection(K.ConfigMap, namespace)}/a`;
    await kube.apply(path, 'us', configMap('a', { color: 'red', size: '5' }));
    const edited = await kube.merge(path, { data: { color: 'blue' } }, { fieldManager: 'kubectl-edit' });
    expect(fieldsOf(edited.body, 'us')).toEqual({ 'f:data': { 'f:size': {} } });
    expect(fieldsOf(edited.body, 'kubectl-edit', 'Update')).toEqual({ 'f:data': { 'f:color': {} } });
    expect((await kube.apply(path, 'us', configMap('a', { color: 'red', size: '5' }))).code).toBe(409);
  });

  test('a plain write without a manager is known by its User-Agent', async () => {
    const { kube, namespace } = bench();
    const made = await kube.post(collection(K.ConfigMap, namespace), configMap('a'));
    expect(managersOf(made.body)).toEqual(['contract Update']);
    expect(fieldsOf(made.body, 'contract', 'Update')).toEqual({ 'f:data': { '.': {}, 'f:color': {} } });
  });

  test('lists with keys are owned item by item', async () => {
    const { kube, namespace } = bench();
    const path = `${collection(K.Deployment, namespace)}/a`;
    const withContainers = (...containers: JsonObject[]): JsonObject => ({
      ...deployment('a', {
        selector: { matchLabels: { app: 'a' } },
        template: { metadata: { labels: { app: 'a' } }, spec: { containers } },
      }),
    });
    await kube.apply(path, 'us', withContainers({ name: 'app', image: 'one' }));
    const beside = {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'a' },
      spec: { template: { spec: { containers: [{ name: 'side', image: 'two' }] } } },
    };
    const both = await kube.apply(path, 'them', beside);
    expect([both.code, imagesOf(both.body)]).toEqual([200, ['app=one', 'side=two']]);
    const changed = await kube.apply(path, 'us', withContainers({ name: 'app', image: 'three' }));
    expect(imagesOf(changed.body)).toEqual(['app=three', 'side=two']);
    const conflict = await kube.apply(path, 'them', withContainers({ name: 'app', image: 'four' }));
    expect(conflict.body.details.causes?.map(({ field }) => field)).toEqual([
      '.spec.template.spec.containers[name="app"].image',
    ]);
  });

  test('lists without keys are owned as a whole', async () => {
    const { kube, namespace } = bench();
    const path = `${collection(K.ScaledObject, namespace)}/a`;
    await kube.apply(path, 'us', scaledObject('a'));
    const triggers = [{ type: 'cron', metadata: { timezone: 'UTC' } }];
    const conflict = await kube.apply(path, 'them', scaledObject('a', { triggers }));
    expect(conflict.body.details.causes?.map(({ field }) => field)).toEqual(['.spec.triggers']);
    const forced = await kube.apply(path, 'them', scaledObject('a', { triggers }), { force: true });
    expect(forced.body.spec['triggers']).toEqual(triggers);
  });

  test('owners are told apart by uid', async () => {
    const { kube, namespace } = bench();
    const maps = collection(K.ConfigMap, namespace);
    const owner = async (name: string): Promise<JsonObject> => ({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      name,
      uid: (await kube.post(maps, configMap(name))).body.metadata.uid,
    });
    const [one, two] = [await owner('one'), await owner('two')];
    const owned = (reference: JsonObject): JsonObject => ({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'a', ownerReferences: [reference] },
    });
    await kube.apply(`${maps}/a`, 'us', owned(one));
    const both = await kube.apply(`${maps}/a`, 'them', owned(two));
    expect(both.body.metadata.ownerReferences).toEqual([one, two]);
  });

  test('what the server has filled in belongs to nobody', async () => {
    const { kube, namespace } = bench();
    const path = `${collection(K.HorizontalPodAutoscaler, namespace)}/a`;
    const made = await kube.apply(path, 'us', autoscaler('a'));
    expect(fieldsOf(made.body, 'us')).toEqual({
      'f:spec': {
        'f:maxReplicas': {},
        'f:scaleTargetRef': { 'f:apiVersion': {}, 'f:kind': {}, 'f:name': {} },
      },
    });
    const more = await kube.apply(path, 'them', {
      ...autoscaler('a'),
      spec: {
        minReplicas: 2,
        maxReplicas: 5,
        scaleTargetRef: { kind: 'Deployment', name: 'a', apiVersion: 'apps/v1' },
      },
    });
    expect([more.code, more.body.spec['minReplicas']]).toEqual([200, 2]);
    const less = await kube.apply(path, 'them', autoscaler('a'));
    expect(less.body.spec['minReplicas']).toBe(1);
  });

  test('the status endpoint applies the status alone', async () => {
    const { kube, namespace } = bench();
    const path = `${collection(K.PodAutoscaler, namespace)}/a`;
    await kube.apply(path, 'us', podAutoscaler('a'));
    const status = { serviceName: 's', metricsServiceName: 'm', desiredScale: 3 };
    const applied = await kube.apply(`${path}/status`, 'us', { ...podAutoscaler('a', { x: 'y' }), status });
    expect([applied.code, applied.body.status]).toEqual([200, status]);
    expect(applied.body.metadata).not.toHaveProperty('annotations.x');
    expect(managersOf(applied.body).sort()).toEqual(['us Apply', 'us Apply status']);
    const main = await kube.apply(path, 'us', {
      ...podAutoscaler('a'),
      status: { ...status, desiredScale: 9 },
    });
    expect(main.body.status).toEqual(status);
    expect(
      (await kube.apply(`${collection(K.PodAutoscaler, namespace)}/b/status`, 'us', podAutoscaler('b'))).code,
    ).toBe(404);
  });

  test('a stale version is refused', async () => {
    const { kube, namespace } = bench();
    const path = `${collection(K.ConfigMap, namespace)}/a`;
    const { resourceVersion } = (await kube.apply(path, 'us', configMap('a'))).body.metadata;
    await kube.merge(path, { data: { other: 'x' } });
    const stale = await kube.apply(path, 'us', {
      ...configMap('a', { color: 'blue' }),
      metadata: { name: 'a', resourceVersion },
    });
    expect([stale.code, stale.body.reason]).toEqual([409, 'Conflict']);
  });

  test('a wrong type is an error of the server', async () => {
    const { kube, namespace } = bench();
    const reply = await kube.apply(
      `${collection(K.ScaledObject, namespace)}/a`,
      'us',
      scaledObject('a', { scaleTargetRef: { name: 5 } }),
    );
    expect(reply.code).toBe(500);
  });

  test('what breaks validation is refused with causes', async () => {
    const { kube, namespace } = bench();
    const reply = await kube.apply(
      `${collection(K.ScaledObject, namespace)}/a`,
      'us',
      scaledObject('a', { triggers: [] }),
    );
    expect([reply.code, reply.body.reason]).toEqual([422, 'Invalid']);
    expect(reply.body.details.causes?.[0]?.['field']).toBe('spec.triggers');
  });

  test('must say who applies, and what', async () => {
    const { kube, namespace } = bench();
    const path = `${collection(K.ConfigMap, namespace)}/a`;
    const nobody = await kube.call('PATCH', path, { body: configMap('a'), type: PATCH.apply });
    expect([nobody.code, nobody.body.reason]).toEqual([422, 'Invalid']);
    expect((await kube.apply(path, 'us', { metadata: { name: 'a' } })).code).toBe(400);
    expect((await kube.apply(path, 'us', configMap('b'))).code).toBe(400);
    const managed = { ...configMap('a'), metadata: { name: 'a', managedFields: [{ manager: 'x' }] } };
    expect((await kube.apply(path, 'us', managed)).code).toBe(400);
  });

  test('may be written in YAML', async () => {
    const { kube, namespace } = bench();
    const reply = await kube.call('PATCH', `${collection(K.ConfigMap, namespace)}/a`, {
      query: { fieldManager: 'us' },
      type: PATCH.apply,
      body: 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {color: red}\n',
    });
    expect([reply.code, reply.body.data]).toEqual([201, { color: 'red' }]);
  });
}
