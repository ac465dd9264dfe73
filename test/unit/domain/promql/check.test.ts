import { describe, expect, test } from '@jest/globals';
import { checkQuery, type QueryRules } from '../../../../src/domain/promql/check.ts';
import { BAD, GOOD, GOOD_SINCE_3, NO_VECTOR } from '../../../builders/promql-corpus.ts';

const RULES: QueryRules = { namespace: 'team', tenancy: 'off', scalar: false, words: undefined };

const check = (query: string, rules: Partial<QueryRules> = {}): ReturnType<typeof checkQuery> =>
  checkQuery(query, { ...RULES, ...rules });

function boundOf(query: string): string {
  const checked = check(query, { tenancy: 'enforce' });
  return checked.ok ? checked.value.query : `refused at ${checked.error.at}: ${checked.error.wrong}`;
}

const adviceOn = (query: string, rules: Partial<QueryRules> = {}): readonly string[] => {
  const checked = check(query, rules);
  return checked.ok ? checked.value.advice : ['refused'];
};

test.each([...GOOD, ...GOOD_SINCE_3])('%s is taken as it is', (query) => {
  const checked = check(query);
  expect(checked.ok ? checked.value.query : checked.error).toBe(query);
});

test.each([...BAD, ...NO_VECTOR])('%j is refused at %i: %s', (query, at, wrong) => {
  const checked = check(query);
  expect(checked).toMatchObject({ ok: false, error: { at } });
  expect(checked.ok ? '' : checked.error.wrong.slice(0, wrong.length)).toBe(wrong);
});

test('a scalar is taken where it can be read', () => {
  expect(check('scalar(x)', { scalar: true }).ok).toBe(true);
  expect(check('"text"', { scalar: true }).ok).toBe(false);
});

test('what would be right is said', () => {
  const expectedOf = (query: string): string => {
    const checked = check(query);
    return checked.ok ? '' : checked.error.expected;
  };
  expect(expectedOf('ratee(x[5m])')).toBe('rate');
  expect(expectedOf('rate(x)')).toBe('a range vector, for example [5m] behind the selector');
  expect(expectedOf('sum(rate(x[5m])')).toBe(')');
  expect(expectedOf('clamp(x)')).toBe('3 arguments');
  expect(expectedOf('round()')).toBe('1 to 2 arguments');
});

test('no query is too long, too deep or too odd for an answer', () => {
  const deep = 10_000;
  for (const query of [
    '('.repeat(deep),
    '-'.repeat(deep) + 'x',
    'a+'.repeat(deep / 2) + 'a',
    'abs('.repeat(3000) + 'x' + ')'.repeat(3000),
    'x'.repeat(100_000),
    '{'.repeat(deep),
    '"\\',
    '\ud800',
  ])
    expect(check(query).ok).toBe(false);
  expect(check(Array.from({ length: 200 }, (_, i) => `sum(m${i})`).join('+')).ok).toBe(true);
});

describe('several series', () => {
  test.each([
    'sum(x)',
    '(sum(x))',
    '-sum(x)',
    'sum(x) / sum(y)',
    'sum(x) / 5',
    'vector(1)',
    'sum(x) or vector(0)',
    'sum(x) and y',
    'max_over_time(sum(x)[1h:])',
    'max(x) by ()',
    'topk(1, x)',
    'absent(x)',
    'clamp_min(sum(x), 1)',
    'histogram_quantile(0.9, sum by (le) (rate(b_bucket[5m])))',
    'hour()',
    'label_replace(sum(x), "a", "b", "", "")',
  ])('%s gives one', (query) => expect(adviceOn(query)).toEqual([]));

  test.each([
    'x',
    'rate(x[5m])',
    'sum by (a) (x)',
    'sum without (a) (x)',
    'topk(2, x)',
    'topk by (a) (1, x)',
    'count_values("v", x)',
    'sum(x) or y',
    'x and sum(y)',
    'max_over_time(x[1h:])',
    'histogram_quantile(0.9, rate(b_bucket[5m]))',
    'histogram_quantile(0.9, sum by (le, pod) (rate(b_bucket[5m])))',
  ])('%s may give several', (query) =>
    expect(adviceOn(query)).toEqual([expect.stringMatching(/^may give several series/)]),
  );
});

describe('what ties a query to its revision', () => {
  const words = ['rev-1', 'team'];
  const untied = expect.stringMatching(/^has no selector that is tied/);

  test.each([
    'sum(x{pod=~"rev-1-.*"})',
    'sum(x{namespace="team"})',
    'sum(a) / sum(b{exported="team/x"})',
    'vector(1)',
  ])('%s is tied', (query) => expect(adviceOn(query, { words })).toEqual([]));
  test.each(['sum(x)', 'sum(x{pod=~"rev-10-.*"})', 'sum(team)', 'sum(x{a="teams"})'])('%s is not', (query) =>
    expect(adviceOn(query, { words })).toEqual([untied]),
  );
  test('nothing is said where the namespace is put in', () => {
    expect(adviceOn('sum(x)', { words, tenancy: 'enforce' })).toEqual([]);
  });
});

describe('tenancy', () => {
  test.each([
    ['sum(x)', 'sum(x{namespace="team"})'],
    ['sum(x{})', 'sum(x{namespace="team"})'],
    ['sum(x{a="b"})', 'sum(x{namespace="team",a="b"})'],
    ['sum(x{a="b",})', 'sum(x{namespace="team",a="b",})'],
    ['sum(x{ # why }\n a="b" })', 'sum(x{namespace="team", # why }\n a="b" })'],
    ['sum(x{namespace="team"})', 'sum(x{namespace="team"})'],
    ["sum(x{a='b',namespace='te\\x61m'})", "sum(x{a='b',namespace='te\\x61m'})"],
    ['sum({"namespace"="team","utf8.name"})', 'sum({"namespace"="team","utf8.name"})'],
    ['sum({"utf8.name"})', 'sum({namespace="team","utf8.name"})'],
    ['sum({__name__=~"a|b"})', 'sum({namespace="team",__name__=~"a|b"})'],
    ['sum(x{namespace=~"team|other"})', 'sum(x{namespace="team",namespace=~"team|other"})'],
    ['sum(namespace)', 'sum(namespace{namespace="team"})'],
    [
      'sum(a offset 5m) + sum(b @ end())',
      'sum(a{namespace="team"} offset 5m) + sum(b{namespace="team"} @ end())',
    ],
    ['max_over_time(sum(rate(x[5m]))[1h:])', 'max_over_time(sum(rate(x{namespace="team"}[5m]))[1h:])'],
    ['sum(a) # sum(b)\n', 'sum(a{namespace="team"}) # sum(b)\n'],
    ['sum(a{b="sum(c)"})', 'sum(a{namespace="team",b="sum(c)"})'],
  ])('%j becomes %j', (query, bound) => expect(boundOf(query)).toBe(bound));

  test.each([
    ['sum(x{namespace="other"})', 'refused at 6: selects the namespace ="other"'],
    ['sum(x{namespace!="team"})', 'refused at 6: selects the namespace !="team"'],
    ['sum(x{namespace=~"other|third"})', 'refused at 6: selects the namespace =~"other|third"'],
    ['sum(x{namespace!~"team|third"})', 'refused at 6: selects the namespace !~"team|third"'],
    ['sum(x{"namespace"="other"})', 'refused at 6: selects the namespace ="other"'],
    ['sum(x{namespace=""})', 'refused at 6: selects the namespace =""'],
    ['sum(x{namespace="team",namespace="other"})', 'refused at 23: selects the namespace ="other"'],
    ['sum(info(x))', 'refused at 4: calls info'],
    ['sum({})', 'refused at 4: has a selector of every series'],
    ['sum(a) # \r or sum(b)', 'refused at 9: has a carriage return in a comment'],
  ])('%j is %s', (query, refusal) => expect(boundOf(query)).toBe(refusal));

  test('a warning names the selectors that read every namespace', () => {
    const advice = adviceOn('sum(a) + sum(b{namespace="team"}) + sum({"c.d"})', {
      tenancy: 'warn',
      words: ['rev'],
    });
    expect(advice).toEqual([
      'reads every namespace of "a" and "c.d": expected namespace="team" in each selector',
    ]);
  });
});
