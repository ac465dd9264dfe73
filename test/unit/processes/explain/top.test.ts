import { expect, test } from '@jest/globals';
import { decisionListSchema, type DecisionList } from '../../../../src/domain/record/schema.ts';
import { FaultError } from '../../../../src/domain/fault.ts';
import { seconds } from '../../../../src/domain/time.ts';
import { askLists, type Askable, type ListsTold } from '../../../../src/processes/explain/ask.ts';
import { TOPS } from '../../../../src/processes/explain/top-report.ts';
import { topOn, topRows } from '../../../../src/processes/explain/top.ts';
import { ManualClock } from '../../../doubles/manual-clock.ts';

type Item = DecisionList['items'][number];
const item = (revision: string, changed: Partial<Item> = {}): Item => ({
  ...{ revision, at: '2026-01-02T03:00:00Z', lastAt: '2026-01-02T03:04:05Z', count: 3 },
  ...{ sentence: 'stays', signal: 'query', rung: 'fresh', fault: null, from: 2, pods: 3, leads: true },
  measured: { value: 25, target: 10, metricType: 'AverageValue', ageSeconds: 1.5 },
  replicas: { wanted: 3, ready: 2 },
  ...changed,
});
const list = (items: readonly Item[], more: string | null = null): DecisionList =>
  decisionListSchema.parse({
    ...{ apiVersion: 'hpa-bridge.dev/v1alpha1', kind: 'DecisionList', at: '2026-01-02T03:04:15Z' },
    ...{ replica: { name: 'a_1', leads: true }, items, continue: more },
  });
const SIGNAL = new AbortController().signal;

test('a row is of who leads for the revision, whoever was asked first; a revision that nobody leads for is told, too', () => {
  const one = list([item('t/b', { leads: false, pods: 1 }), item('t/a', { leads: true, pods: 2 })]);
  const other = list([
    item('t/c', { leads: false, pods: 9 }),
    item('t/b', { leads: true, pods: 3 }),
    item('t/a', { leads: false, pods: 4 }),
  ]);
  for (const lists of [
    [one, other],
    [other, one],
  ])
    expect(topRows(lists).map(({ revision, pods }) => [revision, pods])).toEqual([
      ['t/a', 2],
      ['t/b', 3],
      ['t/c', 9],
    ]);
});

test('evidence ages after the decision, too', () => {
  const none = { ...item('t/b').measured, ageSeconds: null };
  const rows = topRows([list([item('t/a'), item('t/b', { measured: none })])]);
  expect(rows.map(({ ageSeconds }) => ageSeconds)).toEqual([11.5, null]);
});

test('columns stand below each other, and what is not known is a dash', () => {
  const measured = { value: null, target: 200, metricType: 'Value', ageSeconds: null } as const;
  const rows = topRows([
    list([
      item('team/shop-00001'),
      item('t/b', { measured, pods: null, replicas: { wanted: null, ready: 0 } }),
    ]),
  ]);
  expect(TOPS.text(rows)).toBe(
    [
      'NAMESPACE   REVISION     SIGNAL   VALUE/TARGET   DESIRED/READY   RUNG    AGE',
      't           b            query    -/200 in all   -/0             fresh   -',
      'team        shop-00001   query    25/10          3/2             fresh   11.5 s',
      '',
    ].join('\n'),
  );
  expect(TOPS.text([])).toBe('hpa-bridge decides about no revision there.\n');
});

const replica = (name: string, pages: Readonly<Record<string, DecisionList>>): Askable => ({
  name,
  get: (path) =>
    path in pages
      ? Promise.resolve({ status: 200, body: JSON.stringify(pages[path]) })
      : Promise.reject(new FaultError({ code: 'api_unavailable', message: 'No answer.' })),
});

test('all pages of all replicas; who cannot be asked is named', async () => {
  const pages = {
    '/decisions?namespace=t': list([item('t/a')], 't/a'),
    '/decisions?namespace=t&continue=t%2Fa': list([item('t/b')]),
  };
  const { lists, problems } = await askLists([replica('x', {}), replica('y', pages)], 't', SIGNAL);
  expect(lists.map(({ items }) => items.map(({ revision }) => revision))).toEqual([['t/a', 't/b']]);
  expect(problems).toEqual(['x: No answer.']);
});

test('nobody can be asked: one sentence, with each', async () => {
  await expect(askLists([replica('x', {}), replica('y', {})], undefined, SIGNAL)).rejects.toThrow(
    'No replica of hpa-bridge could be asked. x: No answer. y: No answer.',
  );
});

test('--watch asks again after a failure, and says it', async () => {
  const clock = new ManualClock();
  const stop = new AbortController();
  const answers: (ListsTold | FaultError)[] = [
    { lists: [list([])], problems: [] },
    new FaultError({ code: 'api_unavailable', message: 'Away.' }),
    { lists: [list([item('t/a')])], problems: [] },
  ];
  const out: string[] = [];
  const watching = topOn(
    {
      ask: () => {
        const next = answers.shift();
        if (next === undefined) return Promise.reject(new Error('asked too often'));
        return next instanceof FaultError ? Promise.reject(next) : Promise.resolve(next);
      },
      draw: (rows) => `${rows.length} rows`,
      say: { out: (text) => out.push(text), problem: (text) => out.push(text) },
      clock,
    },
    stop.signal,
  );
  await clock.pass(seconds(2));
  await clock.pass(seconds(2));
  stop.abort(new Error('enough'));
  await expect(watching).rejects.toThrow('enough');
  expect(out).toEqual(['0 rows', 'hpa-bridge: Away.\n', '1 rows']);
});
