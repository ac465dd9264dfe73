import { expect, test } from '@jest/globals';
import type { Bench } from './contract.ts';
import type { JsonObject } from '../../../src/domain/json.ts';
import { collection, eventually, type Body, type Reply } from './kube.ts';
import { autoscaler, deployment, K, widget, widgetDefinition } from './samples.ts';

const names = (body: Body): unknown[] => (body['resources'] as JsonObject[]).map(({ name }) => name);

export function kindCases(bench: () => Bench): void {
  test('discovery tells groups, versions and kinds', async () => {
    const { kube } = bench();
    expect((await kube.get('/api')).body['versions']).toEqual(['v1']);
    const groups = (await kube.get('/apis')).body['groups'] as JsonObject[];
    expect(groups.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['apps', 'autoscaling', 'keda.sh', 'autoscaling.internal.knative.dev']),
    );
    const group = (await kube.get('/apis/keda.sh')).body;
    expect(group).toMatchObject({ kind: 'APIGroup', preferredVersion: { groupVersion: 'keda.sh/v1alpha1' } });
    const { body } = await kube.get('/apis/keda.sh/v1alpha1');
    expect([body.kind, body['groupVersion']]).toEqual(['APIResourceList', 'keda.sh/v1alpha1']);
    expect(names(body)).toEqual(expect.arrayContaining(['scaledobjects', 'scaledobjects/status']));
    expect(names((await kube.get('/apis/apps/v1')).body)).toContain('deployments/scale');
    expect(names((await kube.get('/api/v1')).body)).toEqual(
      expect.arrayContaining(['pods', 'configmaps', 'events']),
    );
    expect((await kube.get('/apis/nothing.example.com/v1')).code).toBe(404);
    expect((await kube.get('/apis/keda.sh/v9')).code).toBe(404);
  });

  test('OpenAPI tells that a kind leaves validation to the server', async () => {
    const { kube } = bench();
    const { paths } = (await kube.get('/openapi/v3')).body as unknown as {
      paths: Record<string, { serverRelativeURL: string }>;
    };
    const document = (await kube.get(paths['apis/keda.sh/v1alpha1']!.serverRelativeURL)).text;
    for (const said of ['"x-kubernetes-group-version-kind"', '"ScaledObject"', '"fieldValidation"'])
      expect(document).toContain(said);
  });

  test.each(['/healthz', '/livez', '/readyz'])('%s says ok', async (path) => {
    const reply = await bench().kube.get(path);
    expect([reply.code, reply.text]).toEqual([200, 'ok']);
  });

  test('/version is that of a Kubernetes', async () => {
    expect((await bench().kube.get('/version')).body).toMatchObject({
      major: '1',
      minor: expect.stringMatching(/^\d+/),
    });
  });

  test('a definition brings its kind, and takes it and its objects away', async () => {
    const { kube, namespace } = bench();
    const group = `${namespace}.example.com`;
    const definitions = collection(K.CustomResourceDefinition);
    const path = `/apis/${group}/v1/namespaces/${namespace}/widgets`;
    expect((await kube.get(path)).text).toBe('404 page not found\n');
    expect((await kube.post(definitions, widgetDefinition(group))).code).toBe(201);
    expect(
      (
        await eventually(
          () => kube.get(path),
          ({ code }) => code === 200,
        )
      ).body.items,
    ).toEqual([]);
    const made = await eventually(
      () => kube.post(path, widget(group, 'a', { replicas: 2, other: 1 })),
      ({ code }) => code === 201,
    );
    expect(made.body.spec).toEqual({ replicas: 2, size: 'small' });
    expect((await kube.get(`${path}/a/scale`)).body).toMatchObject({ kind: 'Scale', spec: { replicas: 2 } });
    expect((await kube.remove(`${definitions}/widgets.${group}`)).code).toBe(200);
    const gone = await eventually(
      () => kube.get(path),
      ({ code }) => code === 404,
    );
    expect([gone.code, gone.text]).toEqual([404, '404 page not found\n']);
    await kube.post(definitions, widgetDefinition(group));
    expect(
      (
        await eventually(
          () => kube.get(path),
          ({ code }) => code === 200,
        )
      ).body.items,
    ).toEqual([]);
    await kube.remove(`${definitions}/widgets.${group}`);
  });

  test('a watch ends when its kind goes', async () => {
    const { kube, namespace } = bench();
    const group = `${namespace}.example.com`;
    const definitions = collection(K.CustomResourceDefinition);
    const path = `/apis/${group}/v1/namespaces/${namespace}/widgets`;
    await kube.post(definitions, widgetDefinition(group));
    await eventually(
      () => kube.get(path),
      ({ code }) => code === 200,
    );
    const stream = await kube.watch(path, { resourceVersion: 0 });
    await kube.remove(`${definitions}/widgets.${group}`);
    expect(await stream.find(() => false)).toBeUndefined();
  });

  test('an HPA is completed', async () => {
    const { kube, namespace } = bench();
    const path = collection(K.HorizontalPodAutoscaler, namespace);
    const { body } = await kube.post(path, autoscaler('plain'));
    expect(body.spec).toEqual({
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'plain' },
      minReplicas: 1,
      maxReplicas: 5,
      metrics: [
        {
          type: 'Resource',
          resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 80 } },
        },
      ],
    });
    expect(body.status).toEqual({ desiredReplicas: 0, currentMetrics: null });
    const patient = await kube.post(
      path,
      autoscaler('patient', { behavior: { scaleDown: { stabilizationWindowSeconds: 60 } } }),
    );
    expect(patient.body.spec['behavior']).toEqual({
      scaleUp: {
        stabilizationWindowSeconds: 0,
        selectPolicy: 'Max',
        policies: [
          { type: 'Pods', value: 4, periodSeconds: 15 },
          { type: 'Percent', value: 100, periodSeconds: 15 },
        ],
      },
      scaleDown: {
        stabilizationWindowSeconds: 60,
        selectPolicy: 'Max',
        policies: [{ type: 'Percent', value: 100, periodSeconds: 15 }],
      },
    });
    const named = await kube.post(path, autoscaler('named', { behavior: {} }));
    expect(Object.keys(named.body.spec['behavior'] as object).sort()).toEqual(['scaleDown', 'scaleUp']);
  });

  const external = (target: JsonObject): JsonObject => ({
    metrics: [{ type: 'External', external: { metric: { name: 'm' }, target } }],
  });
  test.each([
    ['maxReplicas', 'of 0', { maxReplicas: 0 }],
    ['maxReplicas', 'below minReplicas', { minReplicas: 6 }],
    ['minReplicas', 'of 0', { minReplicas: 0 }],
    ['scaleTargetRef', 'without a name', { scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment' } }],
    ['a metric', 'without a target', external({})],
    ['a metric', 'with a target of 0', external({ type: 'AverageValue', averageValue: '0' })],
    ['a metric', 'of an unknown type', { metrics: [{ type: 'Wish' }] }],
    ['a window', 'of more than an hour', { behavior: { scaleDown: { stabilizationWindowSeconds: 3601 } } }],
  ])('an HPA with %s %s is refused', async (_, __, spec) => {
    const { kube, namespace } = bench();
    const reply = await kube.post(collection(K.HorizontalPodAutoscaler, namespace), autoscaler('a', spec));
    expect([reply.code, reply.body.reason]).toEqual([422, 'Invalid']);
  });

  test.each(['500m', '1500m', '2', '100k'])('an HPA keeps the quantity %s', async (averageValue) => {
    const { kube, namespace } = bench();
    const spec = external({ type: 'AverageValue', averageValue });
    const { body } = await kube.post(collection(K.HorizontalPodAutoscaler, namespace), autoscaler('a', spec));
    expect(body.spec['metrics']).toEqual(spec['metrics']);
  });

  test('a Deployment is completed, and its selector stays', async () => {
    const { kube, namespace } = bench();
    const path = collection(K.Deployment, namespace);
    const { body } = await kube.post(path, deployment('a'));
    expect(body.spec).toMatchObject({ replicas: 1, revisionHistoryLimit: 10, progressDeadlineSeconds: 600 });
    expect((await kube.merge(`${path}/a`, { spec: { selector: { matchLabels: { app: 'b' } } } })).code).toBe(
      422,
    );
    const other = { selector: { matchLabels: { app: 'other' } } };
    expect((await kube.post(path, deployment('b', other))).code).toBe(422);
  });

  test.each(['127.0.0.1', '127.1.2.3', '0.0.0.0', '::1', '169.254.1.1', 'not-an-ip'])(
    'Endpoints may not point at %s',
    async (ip) => {
      const { kube, namespace } = bench();
      const reply = await kube.post(collection(K.Endpoints, namespace), {
        metadata: { name: 'a' },
        subsets: [{ addresses: [{ ip }], ports: [{ port: 80 }] }],
      });
      expect([reply.code, reply.body.reason]).toEqual([422, 'Invalid']);
    },
  );

  test('Endpoints of a pod network are kept', async () => {
    const { kube, namespace } = bench();
    const subsets = [
      { addresses: [{ ip: '10.1.2.3' }], ports: [{ name: 'http', port: 8012, protocol: 'TCP' }] },
    ];
    const reply = await kube.post(collection(K.Endpoints, namespace), { metadata: { name: 'a' }, subsets });
    expect([reply.code, reply.body['subsets']]).toEqual([201, subsets]);
  });

  test('an APIService is completed, is made once, and is locked by its version', async () => {
    const { kube, namespace } = bench();
    const group = `${namespace}.example.com`;
    const path = collection(K.APIService);
    const service = { namespace, name: 'nobody' };
    const spec = { group, version: 'v1', groupPriorityMinimum: 100, versionPriority: 100, service };
    const wanted = { metadata: { name: `v1.${group}` }, spec: { ...spec, caBundle: 'QQ==' } };
    const made = await kube.post(path, wanted);
    expect([made.code, made.body.spec]).toEqual([
      201,
      { ...spec, service: { ...service, port: 443 }, caBundle: 'QQ==' },
    ]);
    expect(made.body.metadata['namespace']).toBeUndefined();
    expect((await kube.post(path, wanted)).body.reason).toBe('AlreadyExists');
    const name = `${path}/v1.${group}`;
    const change = (resourceVersion: unknown, caBundle: string): Promise<Reply> =>
      kube.merge(name, { metadata: { resourceVersion: String(resourceVersion) }, spec: { caBundle } });
    try {
      // The server itself says in its status, at any moment, that nobody answers: that is a version, too.
      const changed = await eventually(
        async () => change((await kube.get(name)).body.metadata['resourceVersion'], 'Qg=='),
        ({ code }) => code !== 409,
      );
      expect([changed.code, changed.body.spec['caBundle']]).toEqual([200, 'Qg==']);
      expect((await change(made.body.metadata['resourceVersion'], 'Qw==')).code).toBe(409);
    } finally {
      // An API that nobody answers would keep namespaces from being deleted.
      expect((await kube.remove(name)).code).toBe(200);
    }
  });

  test('the text of a Secret is stored as base64', async () => {
    const { kube, namespace } = bench();
    const reply = await kube.post(collection(K.Secret, namespace), {
      metadata: { name: 'a' },
      stringData: { word: 'open' },
    });
    expect(reply.body).toMatchObject({ type: 'Opaque', data: { word: 'b3Blbg==' } });
    expect(reply.body).not.toHaveProperty('stringData');
  });
}
