import { describe, expect, test } from '@jest/globals';
import type { AdmissionRequest } from '../../../../src/domain/admission/admission-review.ts';
import { judge, type Cluster } from '../../../../src/domain/admission/judge.ts';
import type { Verdict } from '../../../../src/domain/admission/admission-review.ts';
import type { JsonObject } from '../../../../src/domain/json.ts';
import { annotationsOf, configOf } from '../../../builders/world.ts';

const K = 'autoscaling.knative.dev';
const CLUSTER: Cluster = {
  classes: new Set(['hpa.autoscaling.knative.dev']),
  config: configOf(),
  kedaServed: true,
};
const GOOD = { query: 'sum(rate(requests{namespace="{{ .namespace }}"}[1m]))', target: '5' };
const BAD = { ...GOOD, query: 'sum(' };

interface Written {
  readonly kind?: 'Service' | 'Configuration' | 'Revision';
  readonly metadata?: JsonObject;
  readonly spec?: JsonObject;
}

const objectOf = (
  short: Readonly<Record<string, string>>,
  { kind = 'Service', metadata = {}, spec = {} }: Written = {},
): JsonObject => {
  const annotations = annotationsOf(short);
  const onTemplate = kind !== 'Revision';
  return {
    apiVersion: 'serving.knative.dev/v1',
    kind,
    metadata: { name: 'shop', namespace: 'team', ...(onTemplate ? {} : { annotations }), ...metadata },
    spec: onTemplate ? { ...spec, template: { metadata: { annotations } } } : spec,
  };
};

const judged = (request: Partial<AdmissionRequest>, cluster: Partial<Cluster> = {}): Verdict =>
  judge(
    {
      uid: '1',
      operation: request.oldObject === undefined ? 'CREATE' : 'UPDATE',
      subResource: '',
      object: undefined,
      oldObject: undefined,
      ...request,
    },
    { ...CLUSTER, ...cluster },
  );

/** `refused` or `warned`, and how often. */
const cameTo = (...args: Parameters<typeof judged>): string => {
  const { refusals, warnings } = judged(...args);
  return [
    ...(refusals.length === 0 ? [] : [`refused ${refusals.length}`]),
    ...(warnings.length === 0 ? [] : [`warned ${warnings.length}`]),
  ].join(', ');
};

const MADE = {
  metadata: {
    ownerReferences: [{ apiVersion: 'serving.knative.dev/v1', kind: 'Configuration', controller: true }],
  },
} as const;

describe('what is new', () => {
  test('and good has no words', () => expect(cameTo({ object: objectOf(GOOD) })).toBe(''));

  test.each(['Service', 'Configuration', 'Revision'] as const)('and wrong is refused: a %s', (kind) => {
    const { refusals } = judged({ object: objectOf(BAD, { kind }) });
    expect(refusals).toEqual([expect.stringMatching(/^autoscaling\.knative\.dev\/query ends /)]);
  });

  test('and has a key that nobody knows is taken with a warning that names the nearest', () => {
    expect(judged({ object: objectOf({ ...GOOD, 'max-scael': '5' }) })).toEqual({
      refusals: [],
      warnings: [
        expect.stringMatching(/"autoscaling\.knative\.dev\/max-scael".*did you mean .*max-scale\?$/),
      ],
    });
  });

  test.each<[string, Readonly<Record<string, string>>, string]>([
    ['a value that hpa-bridge ignores', { ...GOOD, 'hpa-bridge.dev/stale-after': 'long' }, 'warned 1'],
    ['a target that is none', { ...GOOD, target: 'much' }, 'refused 1'],
    ['bounds that contradict each other', { ...GOOD, 'min-scale': '5', 'max-scale': '2' }, 'refused 1'],
    ['both an error and a warning', { ...BAD, 'max-scael': '5' }, 'refused 1, warned 1'],
  ])('%s', (_, short, outcome) => expect(cameTo({ object: objectOf(short) })).toBe(outcome));

  test('has at most ten sentences, and says how many more there are', () => {
    const many = Object.fromEntries(Array.from({ length: 14 }, (_, i) => [`no-such-key-${i}`, 'x']));
    const { warnings } = judged({ object: objectOf({ ...GOOD, ...many }) });
    expect([warnings.length, warnings.at(-1)]).toEqual([11, 'There are 4 more like these.']);
  });
});

describe('the cluster as it is', () => {
  const elsewhere = objectOf({ ...GOOD, 'prometheus-address': 'http://elsewhere:9090' });

  test('the owner’s list of addresses refuses others', () => {
    expect(cameTo({ object: elsewhere })).toBe('refused 1');
    const config = configOf({ bridge: { allowedPrometheusAddresses: ['http://elsewhere:9090'] } });
    expect(cameTo({ object: elsewhere }, { config })).toBe('');
  });

  test('tenancy refuses another namespace', () => {
    const object = objectOf({ ...GOOD, query: 'sum(requests{namespace="other"})' });
    expect(cameTo({ object })).toBe('warned 1');
    expect(cameTo({ object }, { config: configOf({ bridge: { tenancy: 'enforce' } }) })).toBe('refused 1');
  });

  test('what needs KEDA is a warning while KEDA is not there', () => {
    const object = objectOf({ ...GOOD, 'extra-prometheus-triggers': '[]' });
    expect(cameTo({ object })).toBe('');
    expect(cameTo({ object }, { kedaServed: false })).toBe('warned 1');
    const wrong = objectOf({ ...GOOD, 'extra-prometheus-triggers': '[{' });
    expect(cameTo({ object: wrong }, { kedaServed: false })).toBe('refused 1');
  });
});

describe('never refused', () => {
  const changed = { spec: { traffic: [{ percent: 100 }] } };
  const noted = { ...BAD, 'example.com/note': 'x' };

  test.each<[string, Partial<AdmissionRequest>, string]>([
    [
      'an edit beside the annotations',
      { object: objectOf(BAD, changed), oldObject: objectOf(BAD) },
      'warned 1',
    ],
    ['an edit of another annotation', { object: objectOf(noted), oldObject: objectOf(BAD) }, 'warned 1'],
    [
      'one mistake of two mended',
      { object: objectOf(BAD), oldObject: objectOf({ ...BAD, target: '0' }) },
      'warned 1',
    ],
    ['a Revision that Knative makes', { object: objectOf(BAD, { ...MADE, kind: 'Revision' }) }, ''],
    [
      'a Configuration that Knative changes',
      {
        object: objectOf(BAD, { ...MADE, kind: 'Configuration' }),
        oldObject: objectOf(GOOD, { ...MADE, kind: 'Configuration' }),
      },
      '',
    ],
    ['what is being deleted', { object: objectOf(BAD, { metadata: { deletionTimestamp: 'now' } }) }, ''],
    ['a deletion', { operation: 'DELETE', oldObject: objectOf(BAD) }, ''],
    ['a status', { object: objectOf(BAD), subResource: 'status' }, ''],
    ['another kind', { object: { ...objectOf(BAD), apiVersion: 'v1' } }, ''],
    ['another class', { object: objectOf({ ...BAD, class: 'kpa.autoscaling.knative.dev' }) }, 'warned 1'],
  ])('%s', (_, request, outcome) => expect(cameTo(request)).toBe(outcome));

  test.each<[string, Readonly<Record<string, string>>]>([
    ['characters', { ...BAD, 'scaled-object-override': 'x'.repeat(33_000) }],
    [
      'annotations',
      { ...BAD, ...Object.fromEntries(Array.from({ length: 101 }, (_, i) => [`a-${i}`, 'x'])) },
    ],
  ])('what has more %s than can be judged in time, now or before', (_, short) => {
    const words = {
      refusals: [],
      warnings: [expect.stringMatching(/^The annotations are too long to be judged/)],
    };
    expect(judged({ object: objectOf(short) })).toEqual(words);
    expect(judged({ object: objectOf(BAD), oldObject: objectOf(short) })).toEqual(words);
  });

  test('Knative’s own mistakes in objects of other classes: those are Knative’s to tell', () => {
    const annotations = { [`${K}/min-scale`]: '1' };
    expect(judged({ object: objectOf({ class: 'kpa' }, { metadata: { annotations } }) }).refusals).toEqual(
      [],
    );
  });
});

describe('refused all the same', () => {
  const revision = { ...MADE, kind: 'Revision' } as const;

  test.each<[string, Partial<AdmissionRequest>]>([
    ['a mistake that an edit brings in', { object: objectOf(BAD), oldObject: objectOf(GOOD) }],
    [
      'another mistake in the place of one',
      { object: objectOf(BAD), oldObject: objectOf({ ...GOOD, query: 'a{' }) },
    ],
    [
      'a mistake that becomes ours with the class',
      { object: objectOf(BAD), oldObject: objectOf({ ...BAD, class: 'kpa.autoscaling.knative.dev' }) },
    ],
    [
      'a mistake that somebody writes into a Revision of Knative',
      { object: objectOf(BAD, revision), oldObject: objectOf(GOOD, revision) },
    ],
  ])('%s', (_, request) => expect(cameTo(request)).toBe('refused 1'));
});
