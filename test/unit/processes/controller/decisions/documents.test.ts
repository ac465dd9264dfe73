import { beforeEach, describe, expect, test } from '@jest/globals';
import { keyOf } from '../../../../../src/domain/key.ts';
import type { World } from '../../../../../src/domain/plan/world.ts';
import { decisionListSchema, revisionDecisionsSchema } from '../../../../../src/domain/record/schema.ts';
import { DecisionBook } from '../../../../../src/processes/controller/decisions/book.ts';
import {
  decisionDocuments,
  decisionPages,
  type Asked,
} from '../../../../../src/processes/controller/decisions/documents.ts';
import { queryRecordOf } from '../../../../builders/record.ts';
import { steadily } from '../../../../builders/signal.ts';
import {
  configOf,
  hpaOf,
  NAME,
  NAMESPACE,
  NOW,
  paOf,
  scaledObjectOf,
  worldOf,
} from '../../../../builders/world.ts';

const KEY = keyOf(NAMESPACE, NAME);
const KEDAS = keyOf(NAMESPACE, `keda-hpa-${NAME}`);
const PA = paOf({ query: 'sum(x)', target: '10' });

let book: DecisionBook;
let world: World | undefined;
beforeEach(() => {
  book = new DecisionBook(() => undefined);
  world = worldOf({ pa: PA, config: configOf({ bridge: { backend: 'hpa' } }), readyPods: 4 });
});
const note = (name: string, namespace = 'team', value = 46): void =>
  book.note(keyOf(namespace, name), queryRecordOf({ said: steadily(value, 0, 60), at: 61 }));

const pages = () =>
  decisionPages(
    decisionDocuments({
      book,
      observe: (key) => (key === KEY ? world : undefined),
      scaleOf: () => ({ replicas: 5, readyPods: 4 }),
      horizontalPodAutoscalers: {
        get: (key) => (key === KEDAS ? hpaOf({ metadata: { name: `keda-hpa-${NAME}` } }) : undefined),
      },
      identity: 'pod-a_1',
      leads: () => true,
      clock: { now: () => NOW },
    }),
  );
const list = (asked: Asked = {}) => pages()['/decisions'](asked);
const items = (asked: Asked = {}): { revisions: readonly string[]; more: string | null } => {
  const found = list(asked);
  if (!found.ok) throw new Error(found.error.message);
  const document = decisionListSchema.parse(JSON.parse(JSON.stringify(found.value)));
  return { revisions: document.items.map(({ revision }) => revision), more: document.continue };
};
const one = (namespace: string, revision: string) =>
  pages()['/decisions/:namespace/:revision']({ namespace, revision });
const found = () => {
  const answer = one(NAMESPACE, NAME);
  if (!answer.ok) throw new Error(answer.error.message);
  return revisionDecisionsSchema.parse(JSON.parse(JSON.stringify(answer.value)));
};

describe('the list', () => {
  test('has the newest run of each revision, by name, in pages', () => {
    for (const name of ['c', 'a', 'b']) note(name);
    note('z', 'other');
    expect(items()).toEqual({ revisions: ['other/z', 'team/a', 'team/b', 'team/c'], more: null });
    expect(items({ namespace: 'team', limit: '2' })).toEqual({
      revisions: ['team/a', 'team/b'],
      more: 'team/b',
    });
    expect(items({ namespace: 'team', limit: '2', continue: 'team/b' })).toEqual({
      revisions: ['team/c'],
      more: null,
    });
    expect(items({ namespace: 'nobody' })).toEqual({ revisions: [], more: null });
  });
  test('tells what each decision goes by, how many pods there are, and who leads', () => {
    note('a');
    expect(list()).toMatchObject({
      ok: true,
      value: {
        items: [
          {
            ...{ revision: 'team/a', leads: true, replicas: { wanted: 5, ready: 4 } },
            measured: { value: 46, target: 10, metricType: 'AverageValue', ageSeconds: 1 },
          },
        ],
      },
    });
  });
  test.each(['0', '501', '-1', '1e2', 'all', ''])('refuses the limit %j', (limit) => {
    expect(list({ limit })).toEqual({
      ok: false,
      error: {
        code: 'request_invalid',
        message: `limit is "${limit}": expected a whole number from 1 to 500.`,
      },
    });
  });
});

describe('one revision', () => {
  test('with its runs, its scale, its HPA and its conditions', () => {
    note(NAME, NAMESPACE);
    note(NAME, NAMESPACE, 56);
    world = { ...world!, hpa: hpaOf({ status: { currentReplicas: 3, desiredReplicas: 5 } }) };
    expect(found()).toMatchObject({
      revision: KEY,
      replica: { name: 'pod-a_1', leads: true },
      scaledBy: { signal: 'query', backend: 'hpa', problem: null },
      replicas: { ready: 4 },
      decisions: [{ pods: 6 }, { pods: 5 }],
      autoscaler: { name: NAME, currentReplicas: 3, desiredReplicas: 5 },
    });
  });
  test('with the HPA that KEDA made', () => {
    world = { ...world!, scaledObject: scaledObjectOf({ status: { hpaName: `keda-hpa-${NAME}` } }) };
    expect(found().autoscaler?.name).toBe(`keda-hpa-${NAME}`);
  });
  test('that nobody decides about', () => {
    expect(found()).toMatchObject({
      decisions: [],
      autoscaler: null,
      scaledBy: { problem: 'Its query has not been looked at yet.' },
    });
  });
  test('that is not ours, or not there', () => {
    expect(one('team', 'gone')).toEqual({
      ok: false,
      error: {
        code: 'not_found',
        message: 'There is no PodAutoscaler team/gone of a class that hpa-bridge serves.',
      },
    });
  });
});
