import { describe, expect, test } from '@jest/globals';
import type { JsonObject } from '../../../src/domain/json.ts';
import { keyOf } from '../../../src/domain/key.ts';
import {
  horizontalPodAutoscalerView,
  scaledObjectView,
  serverlessServiceView,
  type ScaledObject,
} from '../../../src/domain/k8s/read/children.ts';
import { podAutoscalerView, type PodAutoscaler } from '../../../src/domain/k8s/read/pod-autoscaler.ts';
import {
  renderSight,
  showEvent,
  showHorizontalPodAutoscaler,
  showPodAutoscaler,
  showScaledObject,
  showServerlessService,
  wrap,
  type Page,
} from '../../../src/playground/show.ts';

const K = 'autoscaling.knative.dev/';
const pa = (annotations: Record<string, string> = {}, status: JsonObject = {}): PodAutoscaler =>
  podAutoscalerView.parse({
    metadata: { name: 'a-00001', namespace: 'default', annotations },
    spec: { scaleTargetRef: {} },
    status,
  });
const metadata = { name: 'a-00001', namespace: 'default' };
const scaledObject = (spec: JsonObject): ScaledObject => scaledObjectView.parse({ metadata, spec });
const said = (before: PodAutoscaler | undefined, after: PodAutoscaler | undefined): string[] =>
  showPodAutoscaler({ before, after }).map(({ mark, text }) => `${mark} ${text}`);
const created = <T>(object: T): { before: undefined; after: T } => ({ before: undefined, after: object });

describe('a PodAutoscaler', () => {
  test('is introduced by what it asks for', () => {
    const asked = pa({ [`${K}class`]: 'x', [`${K}metric`]: 'cpu', [`${K}target`]: '70', 'other/key': '1' });
    expect(said(undefined, asked)).toEqual(['+ asks for metric=cpu target=70']);
    expect(said(undefined, pa())).toEqual(['+ asks for nothing in particular']);
  });

  test('with a query, the metric that Knative fills in is left out, and words with spaces are quoted', () => {
    const query = pa({ [`${K}metric`]: 'cpu', [`${K}query`]: 'sum(a) / b', 'hpa-bridge.dev/backend': 'hpa' });
    expect(said(undefined, query)).toEqual(['+ asks for query="sum(a) / b" hpa-bridge.dev/backend=hpa']);
  });

  test('only what moved is told', () => {
    const ready = { type: 'Ready', status: 'True' };
    const active = { type: 'Active', status: 'Unknown', reason: 'Queued', message: 'Requests are buffered.' };
    const first = pa({}, { conditions: [active], desiredScale: 1 });
    const second = pa(
      {},
      { conditions: [{ ...active, status: 'True' }, ready], desiredScale: 1, actualScale: 1 },
    );
    expect(said(undefined, first)).toEqual([
      '+ asks for nothing in particular',
      '. Active is Unknown: Queued, Requests are buffered.',
      '= scale: 0 ready of 1 wanted',
    ]);
    expect(said(first, second)).toEqual([
      '= Active: the revision may take requests',
      '= Ready: everything that the revision needs to scale is in place',
      '= scale: 1 ready of 1 wanted',
    ]);
    expect(said(second, second)).toEqual([]);
  });

  test('what stands in for a query is looked at while it does, and not when it does not', () => {
    const fallback = (status: string, words = {}) =>
      pa({}, { conditions: [{ type: 'FallbackActive', status, ...words }] });
    const hold = fallback('True', { reason: 'Hold', message: 'The replicas stay.' });
    expect(said(fallback('False'), hold)).toEqual(['! FallbackActive is True: Hold, The replicas stay.']);
    expect(said(hold, fallback('False'))).toEqual([]);
    expect(said(hold, pa({}, { conditions: [{ type: 'SignalAvailable', status: 'True' }] }))).toEqual([
      '= SignalAvailable: the query has a value',
    ]);
  });

  test('the summary comes last and names the condition that it follows', () => {
    const words = { status: 'Unknown', reason: 'InvalidAnnotation', message: 'target is wrong.' };
    const conditions = [
      { type: 'Ready', ...words },
      { type: 'Active', ...words },
      { type: 'ScaleTargetInitialized', status: 'Unknown' },
    ];
    expect(said(pa(), pa({}, { conditions }))).toEqual([
      '! Active is Unknown: InvalidAnnotation, target is wrong.',
      '! Ready is Unknown, as Active is',
    ]);
  });

  test('a scale that nobody knows is not told', () => {
    expect(said(pa(), pa({}, { actualScale: 0, desiredScale: -1 }))).toEqual([]);
    expect(said(pa(), pa({}, { actualScale: 2 }))).toEqual(['= scale: 2 ready']);
  });

  test('a new message under the same status is news; a transition time alone is not', () => {
    const of = (message: string, lastTransitionTime: string): PodAutoscaler =>
      pa({}, { conditions: [{ type: 'AnnotationsValid', status: 'False', message, lastTransitionTime }] });
    expect(said(of('one', 't1'), of('one', 't2'))).toEqual([]);
    expect(said(of('one', 't1'), of('two', 't1'))).toEqual(['! AnnotationsValid is False: two']);
  });

  test('an edit and the end are told', () => {
    expect(said(pa({ [`${K}target`]: '1' }), pa({ [`${K}target`]: '2' }))).toEqual([
      '~ now asks for target=2',
    ]);
    expect(said(pa(), undefined)).toEqual(['- the PodAutoscaler is gone, and what it owned goes with it']);
  });
});

describe('what is made of it', () => {
  const query = {
    minReplicaCount: 1,
    maxReplicaCount: 10,
    triggers: [
      { type: 'prometheus', metricType: 'AverageValue', metadata: { query: 'sum(a)', threshold: '0.5' } },
    ],
  };

  test('a ScaledObject says what KEDA does', () => {
    expect(showScaledObject(created(scaledObject(query)))).toEqual([
      {
        about: keyOf('default', 'a-00001'),
        mark: '+',
        text: 'ScaledObject: KEDA keeps 1 to 10 pods by prometheus "sum(a)" at 0.5 a pod',
      },
    ]);
  });

  test.each([
    ['Utilization', 'cpu at 70 %'],
    ['AverageValue', 'cpu at 70 a pod'],
    ['Value', 'cpu at 70'],
  ])('a goal of the type %s', (metricType, expected) => {
    const trigger = { type: 'cpu', metricType, metadata: { value: '70' } };
    const [sight] = showScaledObject(created(scaledObject({ triggers: [trigger] })));
    expect(sight?.text).toBe(`ScaledObject: KEDA keeps 0 to 100 pods by ${expected}`);
  });

  test('a query with quotes is shown as it is', () => {
    const trigger = { type: 'prometheus', metadata: { query: 'a{b="c"}' } };
    const [sight] = showScaledObject(created(scaledObject({ triggers: [trigger] })));
    expect(sight?.text).toContain(`prometheus 'a{b="c"}'`);
  });

  test('a ScaledObject is told again only when it does something else', () => {
    const before = scaledObject(query);
    const touched = scaledObject({ ...query, pollingInterval: 5 });
    const changed = scaledObject({ ...query, maxReplicaCount: 20 });
    expect(showScaledObject({ before, after: touched })).toEqual([]);
    expect(showScaledObject({ before, after: changed })).toMatchObject([
      { mark: '~', text: expect.stringContaining('1 to 20 pods') },
    ]);
    expect(showScaledObject({ before, after: undefined })).toMatchObject([
      { mark: '-', text: 'removed ScaledObject' },
    ]);
  });

  const hpas: Record<string, [JsonObject, string]> = {
    'cpu in percent': [
      {
        type: 'Resource',
        resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 70 } },
      },
      'cpu at 70 %',
    ],
    'memory in bytes': [
      {
        type: 'Resource',
        resource: { name: 'memory', target: { type: 'AverageValue', averageValue: '100Mi' } },
      },
      'memory at 100Mi a pod',
    ],
    'a query': [
      {
        type: 'External',
        external: { metric: { name: 'q' }, target: { type: 'Value', value: '500m' } },
      },
      'q at 500m',
    ],
  };
  test.each(Object.entries(hpas))('an HPA of %s', (_name, [metric, expected]) => {
    const hpa = horizontalPodAutoscalerView.parse({
      metadata,
      spec: { minReplicas: 1, maxReplicas: 5, metrics: [metric] },
    });
    const [sight] = showHorizontalPodAutoscaler(created(hpa));
    expect(sight?.text).toBe(`HorizontalPodAutoscaler: Kubernetes keeps 1 to 5 pods by ${expected}`);
  });

  test.each([
    ['Serve', 'ServerlessService: requests go straight to the pods (mode Serve)'],
    ['Proxy', 'ServerlessService: requests go through the activator (mode Proxy)'],
  ])('a ServerlessService in mode %s', (mode, text) => {
    expect(
      showServerlessService(created(serverlessServiceView.parse({ metadata, spec: { mode } }))),
    ).toMatchObject([{ text }]);
  });

  test('objects that say nothing do not break the view', () => {
    expect(showScaledObject(created(scaledObject({ triggers: 'none' })))).toHaveLength(1);
    expect(
      showHorizontalPodAutoscaler(
        created(horizontalPodAutoscalerView.parse({ metadata, spec: { metrics: [{}] } })),
      ),
    ).toHaveLength(1);
  });
});

test('an event says its reason; a warning asks for a look', () => {
  const about = keyOf('default', 'a');
  expect(showEvent(about, { type: 'Warning', reason: 'NotOwned', message: 'no.' })).toEqual({
    about,
    mark: '!',
    text: 'event NotOwned: no.',
  });
  expect(showEvent(about, { type: 'Normal', reason: 'Made', message: 'yes.' }).mark).toBe('=');
});

describe('a line', () => {
  const page: Page = { width: 60, nameWidth: 8, paint: (_what, text) => text };
  test('is aligned, and what does not fit goes on below', () => {
    const text = 'one two three four five six seven eight nine';
    expect(
      renderSight({ about: keyOf('default', 'a-00001'), mark: '+', text }, '12:00:00', page).split('\n'),
    ).toEqual([
      '12:00:00  a-00001   + one two three four five six seven',
      '                      eight nine',
    ]);
  });
  test('names the namespace when it is not default', () => {
    expect(renderSight({ about: keyOf('ns', 'a'), mark: '-', text: 'x' }, '12:00:00', page)).toBe(
      '12:00:00  ns/a      - x',
    );
  });
  test('a narrow terminal still shows every word', () => {
    const narrow = renderSight({ about: keyOf('ns', 'a'), mark: '-', text: 'x '.repeat(40).trim() }, 't', {
      ...page,
      width: 5,
    });
    expect(narrow.match(/x/g)).toHaveLength(40);
  });
});

test('wrapping loses nothing, and a long word keeps its line', () => {
  expect(wrap('aa bbbbbbbb c d', 4)).toEqual(['aa', 'bbbbbbbb', 'c d']);
  expect(wrap('', 10)).toEqual(['']);
});
