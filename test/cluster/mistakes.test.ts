import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ApiError, eventually } from './api.ts';
import { Bridge } from './bridge.ts';
import { configured } from './cluster-config.ts';
import { KINDS, type Event } from './kinds.ts';
import { api, namespace } from './lab.ts';
import {
  annotate,
  type Annotations,
  applyService,
  conditionOf,
  eventsAbout,
  PLAIN_QUERY,
  podAutoscalerWith,
  served,
  spelled,
} from './serving.ts';

let bridge: Bridge;
let space: Awaited<ReturnType<typeof namespace>>;
beforeAll(async () => {
  space = await namespace('mistakes');
  bridge = await Bridge.started('mistakes');
  await bridge.leading();
});
afterAll(async () => {
  await bridge[Symbol.asyncDispose]();
  await space[Symbol.asyncDispose]();
});

/** The Warning about a PodAutoscaler that names all of this. */
const warningAbout = (name: string, ...words: readonly string[]): Promise<Event> =>
  eventually(async () => {
    const events = await eventsAbout(space.name, name);
    const found = events.find(
      ({ type, involvedObject, message }) =>
        type === 'Warning' &&
        involvedObject.kind === 'PodAutoscaler' &&
        words.every((word) => message.includes(word)),
    );
    expect(found ?? events.map(({ message }) => message)).toHaveProperty('message');
    return found!;
  });

interface Mistake {
  readonly is: string;
  /** What is edited in a working Service: a plain query with target 5. */
  readonly edit: Annotations;
  /** Words that the sentence must have. */
  readonly says: readonly string[];
}

const triggers = (metadata: unknown, type = 'prometheus'): string => JSON.stringify([{ type, metadata }]);

/** Edits from which nothing can be built. */
const REFUSED: readonly Mistake[] = [
  {
    is: 'a metric without a query whose name is no metric of Prometheus',
    edit: { query: null, metric: '95th percentile' },
    says: ['metric', '95th percentile', 'query'],
  },
  { is: 'an empty query', edit: { query: '' }, says: ['query'] },
  {
    is: 'JSON that ends too early in scaling-modifiers',
    edit: { 'scaling-modifiers': '{"formula":' },
    says: ['scaling-modifiers', 'column 12'],
  },
  {
    is: 'JSON of the wrong shape in extra-prometheus-triggers',
    edit: { 'extra-prometheus-triggers': '{"type":"prometheus"}' },
    says: ['extra-prometheus-triggers', 'must be a list'],
  },
  {
    is: 'JSON with a stray comma in hpa-scale-up-rules',
    edit: { 'hpa-scale-up-rules': '{"policies":[],}' },
    says: ['hpa-scale-up-rules', 'column 16'],
  },
  {
    is: 'a word instead of JSON in hpa-scale-down-rules',
    edit: { 'hpa-scale-down-rules': 'slowly' },
    says: ['hpa-scale-down-rules', 'column 1'],
  },
  {
    is: 'JSON without quotes in scaled-object-override',
    edit: { 'scaled-object-override': '{spec: {}}' },
    says: ['scaled-object-override', 'column 2'],
  },
  {
    is: 'an unknown metric type',
    edit: { 'metric-type': 'Average' },
    says: ['metric-type', 'Average', 'AverageValue'],
  },
  {
    is: 'Utilization for a query',
    edit: { 'metric-type': 'Utilization' },
    says: ['metric-type', 'Utilization'],
  },
  {
    is: 'a bad URL',
    edit: { 'prometheus-address': 'prometheus:9090' },
    says: ['prometheus-address', 'http'],
  },
  {
    is: 'an address that is not allowed',
    edit: { 'prometheus-address': 'http://elsewhere.example:9090' },
    says: ['prometheus-address', 'allowed-prometheus-addresses'],
  },
  {
    is: 'an address that is not allowed in one more trigger',
    edit: {
      'extra-prometheus-triggers': triggers({
        serverAddress: 'http://elsewhere.example:9090',
        query: 'up',
        threshold: '1',
      }),
    },
    says: ['extra-prometheus-triggers', 'serverAddress'],
  },
  {
    is: 'a trigger type that is not allowed',
    edit: { 'extra-prometheus-triggers': triggers({ timezone: 'UTC' }, 'cron') },
    says: ['extra-prometheus-triggers', 'cron'],
  },
  {
    is: 'a template that is not plain substitution',
    edit: { query: 'up{pod=~"{{ if .revisionName }}x{{ end }}"}' },
    says: ['query', 'template', '{{ .revisionName }}'],
  },
  {
    is: 'an auth kind without a name',
    edit: { 'trigger-prometheus-auth-kind': 'TriggerAuthentication' },
    says: ['trigger-prometheus-auth-kind', 'trigger-prometheus-auth-name'],
  },
  {
    is: 'an auth name without modes',
    edit: { 'trigger-prometheus-auth-name': 'credentials' },
    says: ['trigger-prometheus-auth-modes', 'bearer'],
  },
  {
    is: 'an unknown auth kind',
    edit: {
      'trigger-prometheus-auth-name': 'credentials',
      'trigger-prometheus-auth-kind': 'Secret',
      'trigger-prometheus-auth-modes': 'bearer',
    },
    says: ['trigger-prometheus-auth-kind', 'ClusterTriggerAuthentication'],
  },
];

/** Edits without any effect, as upstream has it, but not without a word. */
const IGNORED: readonly Mistake[] = [
  {
    is: 'an unknown backend',
    edit: { 'hpa-bridge.dev/backend': 'vpa' },
    says: ['hpa-bridge.dev/backend', 'vpa', 'keda'],
  },
  {
    is: 'a switch that is neither on nor off',
    edit: { 'scaled-object-auto-create': 'maybe' },
    says: ['scaled-object-auto-create', 'true or false'],
  },
];

/** A spec without empty objects: when KEDA writes to its own fields of an object, it writes those of the spec, too. */
const said = (spec: unknown): unknown =>
  JSON.parse(
    JSON.stringify(spec, (_key, value: unknown) =>
      typeof value === 'object' && value !== null && !Array.isArray(value) && Object.keys(value).length === 0
        ? undefined
        : value,
    ),
  );

describe('a mistake in a Service that works', () => {
  const GOOD = { query: PLAIN_QUERY, target: '5', 'max-scale': '8' } as const;
  let revision: string;
  beforeAll(async () => {
    revision = await served(space.name, 'working', GOOD);
    await eventually(() => api.get(KINDS.scaledObject, space.name, revision));
  });

  test.each([...REFUSED, ...IGNORED])('$is: said, and nothing changes', async ({ edit, says }) => {
    const before = await api.get(KINDS.scaledObject, space.name, revision);
    await using service = await api.follow(KINDS.service, space.name, 'working');
    await using autoscaler = await api.follow(KINDS.podAutoscaler, space.name, revision);
    await annotate(space.name, revision, edit);
    try {
      const mistaken = await podAutoscalerWith(space.name, revision, {
        type: 'AnnotationsValid',
        status: 'False',
      });
      for (const word of says) expect(conditionOf(mistaken, 'AnnotationsValid')?.message).toContain(word);
      await warningAbout(revision, ...says);
      const after = await api.get(KINDS.scaledObject, space.name, revision);
      expect(after.metadata.uid).toBe(before.metadata.uid);
      expect(said(after.spec)).toEqual(said(before.spec));
    } finally {
      const back = Object.fromEntries(Object.keys(edit).map((key) => [key, null]));
      await annotate(space.name, revision, { ...back, ...GOOD });
      await podAutoscalerWith(space.name, revision, { type: 'AnnotationsValid', status: 'True' });
    }
    for (const version of autoscaler.versions)
      expect(conditionOf(version, 'Ready')).toMatchObject({ status: 'True' });
    for (const version of service.versions)
      expect(conditionOf(version, 'Ready')).toMatchObject({ status: 'True' });
  });

  test('an unknown key of ours: named, with the nearest known one', async () => {
    await annotate(space.name, revision, { 'hpa-bridge.dev/bakend': 'hpa' });
    await eventually(async () => {
      const messages = (await eventsAbout(space.name, revision)).filter(({ type }) => type === 'Normal');
      expect(messages.map(({ message }) => message)).toContainEqual(
        expect.stringMatching(/hpa-bridge\.dev\/bakend.*hpa-bridge\.dev\/backend/),
      );
    });
    await annotate(space.name, revision, { 'hpa-bridge.dev/bakend': null });
  });

  test('the same mistake again is counted, not repeated', async () => {
    // One of its own: of an object that has much to say, not every event is written.
    const revision = await served(space.name, 'forgetful', GOOD);
    const mistake = { 'metric-type': 'Sum' };
    for (let times = 0; times < 3; times++) {
      await annotate(space.name, revision, mistake);
      await podAutoscalerWith(space.name, revision, { type: 'AnnotationsValid', status: 'False' });
      await annotate(space.name, revision, { 'metric-type': null });
      await podAutoscalerWith(space.name, revision, { type: 'AnnotationsValid', status: 'True' });
    }
    await eventually(async () => {
      const events = (await eventsAbout(space.name, revision)).filter(({ message }) =>
        message.includes('Sum'),
      );
      expect(events.map(({ count }) => count)).toEqual([3]);
    });
  });
});

describe('a mistake in a new Service', () => {
  test('builds nothing, says why, and heals with the edit', async () => {
    await applyService(space.name, 'fresh', { query: PLAIN_QUERY, target: '5', 'metric-type': 'Total' });
    const revision = 'fresh-00001';
    const mistaken = await podAutoscalerWith(space.name, revision, {
      type: 'AnnotationsValid',
      status: 'False',
    });
    expect(conditionOf(mistaken, 'Ready')).not.toMatchObject({ status: 'True' });
    await warningAbout(revision, 'metric-type', 'Total');
    expect(await api.find(KINDS.scaledObject, space.name, revision)).toBeUndefined();
    expect(await api.find(KINDS.hpa, space.name, revision)).toBeUndefined();
    await annotate(space.name, revision, { 'metric-type': null });
    await podAutoscalerWith(space.name, revision, { type: 'Ready', status: 'True' });
    await eventually(() => api.get(KINDS.scaledObject, space.name, revision));
    await eventually(async () => {
      const service = await api.get(KINDS.service, space.name, 'fresh');
      expect(conditionOf(service, 'Ready')).toMatchObject({ status: 'True' });
    });
  });

  test('a minimum from config-autoscaler above the maximum of the revision', async () => {
    await configured('config-autoscaler', { 'min-scale': '5' }, async () => {
      await applyService(space.name, 'bounds', { query: PLAIN_QUERY, target: '5', 'max-scale': '2' });
      await warningAbout('bounds-00001', 'min-scale', 'max-scale');
      const pa = await podAutoscalerWith(space.name, 'bounds-00001', {
        type: 'AnnotationsValid',
        status: 'False',
      });
      expect(conditionOf(pa, 'AnnotationsValid')?.message).toMatch(/5.*2|2.*5/);
    });
  });

  test.each([
    ['a target that is no number', { target: 'five' }],
    ['a target of zero', { target: '0' }],
    ['a negative minimum', { target: '5', 'min-scale': '-1' }],
    ['a minimum above the maximum', { target: '5', 'min-scale': '4', 'max-scale': '2' }],
    ['a maximum that is huge', { target: '5', 'max-scale': '99999999999' }],
  ])('%s: Knative itself refuses it at admission', async (_, annotations: Annotations) => {
    const refused = applyService(space.name, 'refused', { query: PLAIN_QUERY, ...annotations });
    await expect(refused).rejects.toThrow(ApiError);
    await expect(refused).rejects.toThrow(/admission webhook/);
  });
});

describe('a PodAutoscaler without a Revision', () => {
  const bare = (name: string, annotations: Annotations): Promise<unknown> =>
    api.apply(KINDS.podAutoscaler, {
      metadata: {
        namespace: space.name,
        name,
        annotations: spelled({ class: 'hpa.autoscaling.knative.dev', ...annotations }),
      },
      spec: {
        scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'worker' },
        protocolType: 'http1',
        containerConcurrency: 0,
      },
    });

  beforeAll(async () => {
    const labels = { app: 'worker' };
    const container = { name: 'app', image: 'dev.local/app:1', resources: { requests: { cpu: '100m' } } };
    await api.apply(KINDS.deployment, {
      metadata: { namespace: space.name, name: 'worker' },
      spec: {
        selector: { matchLabels: labels },
        template: { metadata: { labels }, spec: { containers: [container] } },
      },
    });
  });

  test('a name that is too long for its children: Knative itself refuses it at admission', async () => {
    const refused = bare(`long-${'x'.repeat(70)}`, { query: PLAIN_QUERY, target: '5' });
    await expect(refused).rejects.toThrow(/no more than 63 characters/);
  });

  test('is read as it is', async () => {
    await bare('bare', { metric: 'cpu', target: '60' });
    const object = await eventually(() => api.get(KINDS.scaledObject, space.name, 'bare'));
    expect(object.spec.triggers).toMatchObject([{ type: 'cpu', metadata: { value: '60' } }]);
  });
});
