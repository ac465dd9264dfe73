import { describe, expect, test } from '@jest/globals';
import { review, reviewConfigMap, type Asked } from '../../../../src/domain/admission/review.ts';
import { LIVE_DEFAULTS } from '../../../../src/domain/config/live.ts';
import type { JsonObject } from '../../../../src/domain/json.ts';
import { SCALER_CASES } from '../../../integration/bad-input/scaler-cases.ts';
import { SIGNAL_CASES } from '../../../integration/bad-input/signal-cases.ts';
import { annotationsOf, configOf } from '../../../builders/world.ts';

const ASKED: Asked = {
  classes: new Set(['hpa.autoscaling.knative.dev']),
  config: LIVE_DEFAULTS,
  configMaps: new Set(),
  backend: undefined,
};
const PATH = ['spec', 'template', 'metadata', 'annotations'];
const K = 'autoscaling.knative.dev';
const GOOD = { query: 'sum(rate(requests{service="{{ .serviceName }}"}[1m]))', target: '5' };

const service = (annotations: JsonObject, outside: JsonObject = {}): JsonObject => ({
  apiVersion: 'serving.knative.dev/v1',
  kind: 'Service',
  metadata: { name: 'shop', namespace: 'team', annotations: outside },
  spec: { template: { metadata: { annotations } } },
});

/** What is said of a Service with these annotations: `warning window`. */
const said = (short: Readonly<Record<string, string>>, asked: Partial<Asked> = {}): string[] =>
  review(service(annotationsOf(short)), { ...ASKED, ...asked }).map(
    ({ severity, path }) => `${severity} ${path.at(-1)?.replace(`${K}/`, '') ?? ''}`,
  );

test('nothing is said of a good one, whatever the cluster is', () => {
  expect(said(GOOD)).toEqual([]);
  expect(said(GOOD, { backend: 'hpa' })).toEqual([]);
  expect(said({ metric: 'concurrency', 'min-scale': '1' })).toEqual([]);
});

test.each(['Configuration', 'Revision'] as const)('a %s is read where its annotations stand', (kind) => {
  const annotations = annotationsOf({ query: 'sum(', target: '5' });
  const template = kind === 'Revision' ? {} : { spec: { template: { metadata: { annotations } } } };
  const object = {
    apiVersion: 'serving.knative.dev/v1',
    kind,
    metadata: { name: 'shop', ...(kind === 'Revision' ? { annotations } : {}) },
    ...template,
  };
  const path = kind === 'Revision' ? ['metadata', 'annotations'] : PATH;
  expect(review(object, ASKED)).toMatchObject([{ severity: 'error', path: [...path, `${K}/query`] }]);
});

test.each([
  ['another kind', { apiVersion: 'v1', kind: 'Service', metadata: { name: 'shop' } }],
  ['nothing', {}],
  ['no template', { apiVersion: 'serving.knative.dev/v1', kind: 'Service' }],
  ['another class', service({ [`${K}/class`]: 'kpa.autoscaling.knative.dev', [`${K}/min-scale`]: 'x' })],
])('of %s nothing is said', (_, object) => expect(review(object, ASKED)).toEqual([]));

describe('PromQL', () => {
  const at = (query: string): unknown =>
    review(service(annotationsOf({ ...GOOD, query })), ASKED).map((finding) => finding.at);

  test('that is wrong has its place in the text as it was written', () => {
    expect(at('sum(rate(a{s="{{ .serviceName }}"}[1m))')).toEqual([37]);
    expect(at('rate(a{namespace="{{ .namespace }}"})')).toEqual([5]);
  });

  test('whose template is wrong has the place of that', () =>
    expect(at('sum(a{b="{{ .revision }}"})')).toEqual([9]));

  test('that is good has none', () => expect(at(GOOD.query)).toEqual([]));
});

test('the severity is that of what becomes of it', () => {
  // Knative refuses the whole object; hpa-bridge would have used or ignored the value.
  expect(said({ ...GOOD, window: '2s' })).toEqual(['error window']);
  expect(said({ ...GOOD, 'min-scale': 'ten' })).toEqual(['error min-scale']);
  expect(said({ ...GOOD, 'panic-window-percentage': '0.5' })).toEqual(['error panic-window-percentage']);
  expect(said({ ...GOOD, target: '0' })).toEqual(['error target']);
  expect(said({ ...GOOD, 'hpa-bridge.dev/stale-after': 'long' })).toEqual([
    'warning hpa-bridge.dev/stale-after',
  ]);
  expect(said({ ...GOOD, query: 'requests{namespace="team"}' })).toEqual(['warning query']);
});

describe('what Knative alone refuses', () => {
  test('is said, too', () => {
    const [finding] = review(service(annotationsOf({ ...GOOD, 'scale-down-delay': '1500ms' })), ASKED);
    expect(finding).toMatchObject({ severity: 'error', path: [...PATH, `${K}/scale-down-delay`] });
  });
});

describe('unknown keys', () => {
  test.each([
    ['max-scael', 'did you mean autoscaling.knative.dev/max-scale?'],
    ['hpa-bridge.dev/fallbak', 'did you mean hpa-bridge.dev/fallback?'],
    ['nothing-like-the-others-at-all', 'expected one of docs/annotations.md.'],
  ])('%s is a warning', (key, hint) => {
    const findings = review(service(annotationsOf({ ...GOOD, [key]: '5' })), ASKED);
    expect(findings).toEqual([
      {
        severity: 'warning',
        path: [...PATH, key.includes('/') ? key : `${K}/${key}`],
        message: expect.stringContaining(hint),
      },
    ]);
  });

  test('of somebody else are theirs', () =>
    expect(said({ ...GOOD, 'example.com/min-scael': '5' })).toEqual([]));
});

test('a number or a truth value is no text, and nothing else is said of it that is not wrong in quotes', () => {
  const messages = (annotations: JsonObject): string[] =>
    review(service({ ...annotationsOf(GOOD), ...annotations }), ASKED).map(({ message }) => message);
  expect(messages({ [`${K}/target`]: 5 })).toEqual([
    `"${K}/target" is 5, which is no text: expected it in quotes.`,
  ]);
  expect(messages({ [`${K}/min-scale`]: null })).toEqual([
    `"${K}/min-scale" is null, which is no text: expected it in quotes.`,
  ]);
  expect(messages({ [`${K}/target`]: 0 })).toHaveLength(2);
});

test('annotations on the Service itself say nothing', () => {
  const outside = { [`${K}/min-scale`]: '1', 'hpa-bridge.dev/fallback': 'hold', 'example.com/a': 'b' };
  expect(review(service(annotationsOf(GOOD), outside), ASKED)).toMatchObject([
    { severity: 'error', path: ['metadata', 'annotations', `${K}/min-scale`] },
    { severity: 'warning', path: ['metadata', 'annotations', 'hpa-bridge.dev/fallback'] },
  ]);
});

test('what only we read, without our class', () => {
  const findings = review(service({ [`${K}/query`]: 'sum(', [`${K}/target`]: '5' }), ASKED);
  expect(findings).toEqual([
    {
      severity: 'warning',
      path: [...PATH, `${K}/query`],
      message: `${K}/class is missing, so that nobody reads ${K}/query: expected hpa.autoscaling.knative.dev.`,
    },
  ]);
});

describe('of what is not known, only what is wrong in any case is said', () => {
  const triggers = { ...GOOD, 'extra-prometheus-triggers': '[]' };

  test('whether KEDA is there', () => {
    expect(said({ ...GOOD, 'extra-prometheus-triggers': '[{' })).toEqual(['error extra-prometheus-triggers']);
    expect(said({ ...GOOD, 'hpa-bridge.dev/keda-trigger': 'bridge' })).toEqual([]);
    expect(said({ ...GOOD, 'hpa-bridge.dev/keda-trigger': 'bridge' }, { backend: 'hpa' })).toEqual([
      'warning hpa-bridge.dev/keda-trigger',
    ]);
    expect(said(triggers, { backend: 'hpa' })).toEqual(['error extra-prometheus-triggers']);
  });

  test('what the owner of the platform allows', () => {
    const named = { ...GOOD, 'hpa-bridge.dev/prometheus': 'main', 'hpa-bridge.dev/backend': 'hpa' };
    expect(said(named)).toEqual([]);
    expect(said(named, { configMaps: new Set(['config-hpa-bridge']) })).toEqual([
      'error hpa-bridge.dev/prometheus',
    ]);
    const zero = { ...GOOD, 'initial-scale': '0' };
    expect(said(zero)).toEqual([]);
    expect(said(zero, { configMaps: new Set(['config-autoscaler']) })).toEqual(['error initial-scale']);
    const elsewhere = { ...GOOD, 'prometheus-address': 'http://elsewhere:9090' };
    expect(said(elsewhere)).toEqual([]);
    const config = configOf({ bridge: { allowedPrometheusAddresses: ['http://here:9090'] } });
    expect(said(elsewhere, { config, configMaps: new Set(['config-hpa-bridge']) })).toEqual([
      'error prometheus-address',
    ]);
  });
});

describe('every mistake that the controller tells is found before', () => {
  const known: Partial<Asked> = {
    backend: 'keda',
    configMaps: new Set(['config-hpa-bridge', 'config-autoscaler', 'config-autoscaler-keda']),
  };
  const cases = [...SIGNAL_CASES, ...SCALER_CASES].filter(({ onPodAutoscaler }) => onPodAutoscaler !== true);

  test.each(cases)('$is', ({ base, wrong, says }) => {
    const set = Object.entries({ ...base, ...wrong }).filter(
      (entry): entry is [string, string] => entry[1] !== null,
    );
    const object = {
      apiVersion: 'serving.knative.dev/v1',
      kind: 'Revision',
      metadata: {
        name: 'bad-00001',
        namespace: 'default',
        annotations: annotationsOf(Object.fromEntries(set)),
      },
    };
    const messages = review(object, { ...ASKED, ...known }).map(({ message }) => message);
    expect(messages).toEqual(expect.arrayContaining(says.map(([, sentence]) => sentence)));
  });
});

describe('ConfigMaps', () => {
  test('that are refused, or have keys that nothing reads, are named at their key', () => {
    const data = { backend: 'helm', tenacy: 'enforce' };
    expect(reviewConfigMap('config-hpa-bridge', data, ASKED)).toMatchObject([
      { severity: 'error', path: ['data', 'backend'] },
      { severity: 'warning', path: ['data', 'tenacy'] },
    ]);
  });

  test('of others are theirs', () =>
    expect(reviewConfigMap('settings', { backend: 'helm' }, ASKED)).toEqual([]));
});
