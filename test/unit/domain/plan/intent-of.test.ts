import { describe, expect, test } from '@jest/globals';
import { intentOf } from '../../../../src/domain/plan/intent-of.ts';
import type { World } from '../../../../src/domain/plan/world.ts';
import { configOf, NAME, paOf, revisionOf, worldOf } from '../../../builders/world.ts';

const asked = (annotations: Record<string, string>, changed: Partial<World> = {}) =>
  intentOf(worldOf({ pa: paOf(annotations), ...changed }));
const signalOf = (annotations: Record<string, string>, changed: Partial<World> = {}) => {
  const intended = asked(annotations, changed);
  return intended.ok
    ? intended.value.intent.signal
    : intended.error.map(({ key }) => key.replace(/.*\//, ''));
};
const mistakesOf = (annotations: Record<string, string>, changed: Partial<World> = {}) => {
  const intended = asked(annotations, changed);
  const mistakes = intended.ok ? intended.value.mistakes : intended.error;
  return mistakes.map(({ effect, key }) => `${effect} ${key.replace('autoscaling.knative.dev/', '')}`);
};
const KEDA = { kedaServed: true };
const DERIVED = `sum(rate(requests{namespace="default",pod=~"${NAME}-deployment-.*"}[1m]))`;

describe('the signal', () => {
  test.each<[Record<string, string>, unknown]>([
    [{ metric: 'cpu' }, { from: 'resource', resource: 'cpu', target: undefined }],
    [
      { metric: 'memory', target: '5' },
      { from: 'resource', resource: 'memory', target: 5 },
    ],
    [{ target: '5' }, { from: 'resource', resource: 'cpu', target: 5 }],
    [
      { query: 'up', target: '5' },
      { from: 'query', query: 'up', target: 5, derived: false },
    ],
    [
      { 'prometheus-query': 'a', query: 'b', target: '5' },
      { from: 'query', query: 'a', target: 5, derived: false },
    ],
    [
      { metric: 'x', query: 'up', target: '5' },
      { from: 'query', query: 'up', target: 5, derived: false },
    ],
    [
      { metric: 'rps', query: 'up', target: '5' },
      { from: 'query', query: 'up', target: 5, derived: false },
    ],
    [
      { query: 'up{p="{{ .revisionName }}"}', target: '5' },
      { from: 'query', query: `up{p="${NAME}"}`, target: 5, derived: false },
    ],
    [
      { metric: 'requests', target: '5' },
      { from: 'query', query: DERIVED, target: 5, derived: true },
    ],
    [{ metric: 'concurrency', target: '5' }, { from: 'concurrency' }],
    [{ metric: 'rps' }, { from: 'rps' }],
    [{}, { from: 'concurrency' }],
    [{ 'extra-prometheus-triggers': '[]' }, { from: 'triggers' }],
    [{ metric: 'requests', 'extra-prometheus-triggers': '[]' }, { from: 'triggers' }],
    [{ query: 'up', 'extra-prometheus-triggers': '[]' }, { from: 'triggers' }],
    [{ 'scaled-object-override': '{}', metric: 'requests' }, { from: 'triggers' }],
    [
      { 'extra-prometheus-triggers': '[]', target: '5' },
      { from: 'resource', resource: 'cpu', target: 5 },
    ],
    // Refused, by key.
    [{ metric: '', target: '5' }, ['metric']],
    [{ metric: 'a/b', target: '5' }, ['metric']],
    [{ query: 'up' }, ['target']],
    [{ metric: 'requests' }, ['target']],
    [{ query: ' ', target: '5' }, ['query']],
    [{ query: '{{ if }}', target: '5' }, ['query']],
  ])('%j', (annotations, signal) => {
    expect(signalOf(annotations, KEDA)).toEqual(signal);
  });

  test('without anything it is cpu where the platform owner says so', () => {
    const config = configOf({ bridge: { signalWithoutMetric: 'cpu' } });
    expect(signalOf({}, { config })).toMatchObject({ from: 'resource', resource: 'cpu' });
  });

  test('is the Revision\u2019s choice, whatever the PodAutoscaler says', () => {
    expect(signalOf({ metric: 'cpu' }, { revision: revisionOf() })).toEqual({ from: 'concurrency' });
    expect(signalOf({ metric: 'cpu' }, { revision: revisionOf({ query: 'up', target: '5' }) })).toMatchObject(
      {
        from: 'query',
      },
    );
  });

  test('a query beside cpu is said to have no effect', () => {
    expect(mistakesOf({ metric: 'cpu', query: 'up', target: '5' })).toEqual(['ignored query']);
  });
});

describe('the backend', () => {
  const backendOf = (annotations: Record<string, string>, changed: Partial<World> = {}) => {
    const intended = asked({ query: 'up', target: '5', ...annotations }, changed);
    return intended.ok ? intended.value.backend : 'refused';
  };
  const configured = (backend: 'auto' | 'keda' | 'hpa') => ({ config: configOf({ bridge: { backend } }) });

  const precedence: readonly [
    config: 'auto' | 'keda' | 'hpa',
    served: boolean,
    annotation: string,
    backend: string,
  ][] = [
    ['auto', true, '', 'keda'],
    ['auto', false, '', 'hpa'],
    ['hpa', true, '', 'hpa'],
    ['keda', true, '', 'keda'],
    ['keda', false, '', 'refused'],
    ['hpa', true, 'keda', 'keda'],
    ['keda', false, 'hpa', 'hpa'],
    ['hpa', false, 'keda', 'refused'],
    ['hpa', true, 'auto', 'keda'],
  ];
  test.each(precedence)(
    '%s, KEDA served: %s, annotation "%s": %s',
    (config, kedaServed, annotation, backend) => {
      const own: Record<string, string> = annotation === '' ? {} : { 'hpa-bridge.dev/backend': annotation };
      expect(backendOf(own, { ...configured(config), kedaServed })).toBe(backend);
    },
  );

  test('is nobody for concurrency, and for who brings a scaler', () => {
    const none = asked({ metric: 'concurrency' }, KEDA);
    expect(none.ok && none.value.backend).toBe('none');
    expect(backendOf({ 'scaled-object-auto-create': 'false' }, KEDA)).toBe('none');
    const config = configOf({ keda: { scaledObjectAutocreate: false } });
    expect(backendOf({}, { ...KEDA, config })).toBe('none');
    expect(backendOf({ 'scaled-object-auto-create': 'true' }, { ...KEDA, config })).toBe('keda');
    expect(backendOf({ 'scaled-object-auto-create': 'false' })).toBe('hpa');
  });

  test('what only KEDA can do is refused under the HPA', () => {
    const keys = ['scaled-object-override', 'extra-prometheus-triggers', 'scaling-modifiers'];
    for (const key of keys)
      expect(
        mistakesOf({ query: 'sum(up{pod=~"{{ .revisionName }}-.*"})', target: '5', [key]: '{}' }),
      ).toEqual([`refused ${key}`]);
  });

  test('how KEDA would ask Prometheus is ignored under the HPA, and said', () => {
    const own = {
      query: 'sum(up{pod=~"{{ .revisionName }}-.*"})',
      target: '5',
      'trigger-prometheus-auth-name': 'a',
      'trigger-prometheus-name': 'n',
    };
    expect(mistakesOf(own)).toEqual([
      'ignored trigger-prometheus-name',
      'ignored trigger-prometheus-auth-name',
    ]);
  });
});

describe('what children carry', () => {
  test('KEDA\u2019s switches follow the Revision, all else the PodAutoscaler', () => {
    const pa = paOf({ target: '5', 'autoscaling.keda.sh/paused': 'true', x: 'pa', 'own/x': 'pa' });
    const revision = revisionOf({
      target: '6',
      'autoscaling.keda.sh/paused-replicas': '2',
      'own/y': 'revision',
    });
    const intended = intentOf(worldOf({ pa, revision }));
    expect(intended.ok && intended.value.intent.annotations).toEqual({
      'autoscaling.knative.dev/class': 'hpa.autoscaling.knative.dev',
      'autoscaling.knative.dev/target': '5',
      'autoscaling.knative.dev/x': 'pa',
      'own/x': 'pa',
      'autoscaling.keda.sh/paused-replicas': '2',
    });
  });

  test.each([
    ['metadata.name', { name: 'x'.repeat(64) }],
    ['metadata.annotations', { annotations: { a: 'x'.repeat(262_144) } }],
  ])('%s that is too long is refused', (key, metadata) => {
    const intended = intentOf(worldOf({ pa: paOf({}, { metadata }) }));
    expect(intended).toMatchObject({ ok: false, error: [{ effect: 'refused', key }] });
  });
});
