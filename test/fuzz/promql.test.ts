import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { checkQuery, type CheckedQuery } from '../../src/domain/promql/check.ts';
import { selectorsOf } from '../../src/domain/promql/selectors.ts';
import { syntaxOf } from '../../src/domain/promql/syntax.ts';
import { unboundSelectors } from '../../src/domain/promql/tenancy.ts';

const RUNS = { numRuns: Number(process.env['FUZZ_RUNS'] ?? 300) };
const NAMESPACE = 'team-1';

const gap = fc.constantFrom('', '', ' ', '\n', ' # sum(x{a="b"})\n');
const text = fc.constantFrom('"b"', "'it\\'s'", '`\\d`', '"{}"', '"sum(x)"', '"\\x41"', '"#"', '""');
const label = fc.constantFrom('a', 'on', 'namespaces', '"utf8.label"', '"a b"');
const matcher = fc.oneof(
  fc.tuple(label, gap, fc.constantFrom('=', '!='), gap, text).map((parts) => parts.join('')),
  fc.constantFrom(
    'a=~".+"',
    'a!~"b|c"',
    `namespace="${NAMESPACE}"`,
    'namespace=~"team.*"',
    `"namespace"='${NAMESPACE}'`,
  ),
);
const matchers = (first: string): fc.Arbitrary<string> =>
  fc.tuple(fc.array(matcher, { maxLength: 3 }), gap, fc.constantFrom('', ',')).map(([list, space, comma]) => {
    const all = first === '' ? list : [first, ...list];
    return `{${space}${all.join(`${space},`)}${all.length === 0 ? '' : comma}${space}}`;
  });
const selector = fc.oneof(
  fc.constantFrom('up', 'http_requests_total', 'job:rate:sum', 'sum', 'namespace', 'start', 'by'),
  fc.tuple(fc.constantFrom('up', 'rate', 'offset_total'), gap, matchers('')).map((parts) => parts.join('')),
  matchers('"utf8.name"'),
  matchers('__name__=~"a.+"'),
);
const moved = fc.constantFrom('', '', ' offset 5m', ' @ end()', ' @ 1700000000 offset -1h');
const duration = fc.constantFrom('1m', '5m', '1h30m');

/** An instant vector. */
const { vector } = fc.letrec<{ vector: string; range: string }>((tie) => ({
  vector: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    fc.tuple(selector, moved).map((parts) => parts.join('')),
    fc
      .tuple(fc.constantFrom('sum', 'MAX', 'avg'), gap, tie('vector'))
      .map(([name, space, of]) => `${name}${space}(${of})`),
    fc
      .tuple(tie('vector'), fc.constantFrom('by (a)', 'without ("b.c", a)'))
      .map(([of, by]) => `sum(${of}) ${by}`),
    fc
      .tuple(fc.constantFrom('rate', 'max_over_time', 'changes'), tie('range'))
      .map(([name, of]) => `${name}(${of})`),
    fc
      .tuple(tie('vector'), fc.constantFrom('+', '/', '> bool', '>', 'and', 'or', '* on (a)'), tie('vector'))
      .map((p) => p.join(' ')),
    tie('vector').map((of) => `(${of})`),
    tie('vector').map((of) => `-(${of})`),
    tie('vector').map((of) => `topk(3, ${of})`),
    tie('vector').map((of) => `label_replace(${of}, "a", "$1", "b", "(.*)")`),
    tie('vector').map((of) => `clamp_max(${of}, 5)`),
  ),
  range: fc.oneof(
    { maxDepth: 3 },
    fc.tuple(selector, duration, moved).map(([of, time, offset]) => `${of}[${time}]${offset}`),
    fc.tuple(tie('vector'), duration, moved).map(([of, time, offset]) => `(${of})[${time}:1m]${offset}`),
  ),
}));

function bound(query: string): CheckedQuery {
  const checked = checkQuery(query, {
    namespace: NAMESPACE,
    tenancy: 'enforce',
    scalar: false,
    words: undefined,
  });
  if (!checked.ok) throw new Error(`${checked.error.wrong} at ${checked.error.at} of ${query}`);
  return checked.value;
}

/** The tree as text, without the namespace's matchers: braces of nothing are none. */
function shapeOf(query: string): string {
  const parsed = syntaxOf(query);
  if (!parsed.ok) throw new Error(`${parsed.error.wrong} at ${parsed.error.at} of ${query}`);
  const words: string[] = [];
  parsed.value.root.cursor().iterate(({ name, from, to, node }) => {
    const isOurs =
      /^(?:Unq|Q)uotedLabelMatcher$/.test(name) &&
      /^["']?namespace["']?\s*=\s*["']/.test(query.slice(from, to));
    if (isOurs || name === 'LineComment') return false;
    if (name === 'LabelMatchers') words.push('braces');
    else words.push(node.firstChild === null ? `${name} ${query.slice(from, to)}` : name);
    return true;
  });
  return words.filter((word) => word !== 'braces').join('\n');
}

describe('a query that is bound to its namespace', () => {
  test('is PromQL, says the same but for the matcher, and no selector lacks it', () => {
    fc.assert(
      fc.property(vector, (query) => {
        const after = bound(query).query;
        const parsed = syntaxOf(after);
        expect(parsed.ok).toBe(true);
        if (!parsed.ok) return;
        expect(unboundSelectors(parsed.value, NAMESPACE)).toEqual([]);
        for (const { matchers: all } of selectorsOf(parsed.value))
          expect(all.filter(({ label: name }) => name === 'namespace')).toContainEqual(
            expect.objectContaining({ operator: '=', value: NAMESPACE }),
          );
        expect(shapeOf(after)).toBe(shapeOf(query));
      }),
      RUNS,
    );
  });

  test('keeps the text of the user, character by character', () => {
    fc.assert(
      fc.property(vector, (query) => {
        const after = bound(query).query;
        let at = 0;
        for (const char of after) if (char === query[at]) at++;
        expect(at).toBe(query.length);
        expect(after.length - query.length).toBeGreaterThanOrEqual(0);
      }),
      RUNS,
    );
  });

  test('is not changed a second time', () => {
    fc.assert(
      fc.property(vector, (query) => {
        const once = bound(query).query;
        expect(bound(once).query).toBe(once);
      }),
      RUNS,
    );
  });
});

const SHREDS = [
  'sum',
  '(',
  ')',
  '{',
  '}',
  '[',
  ']',
  'x',
  '5m',
  'offset',
  '@',
  '"',
  "'",
  '`',
  '\\',
  '#',
  '\n',
  '\r',
  ',',
  '=',
  '=~',
  'namespace',
  'by',
  '+',
  '-',
  ':',
  '5',
  ' ',
  'rate',
  'é',
  '\ud800',
];

test('any text has an answer, and one that is taken is PromQL whose selectors are bound', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.array(fc.constantFrom(...SHREDS), { maxLength: 20 }).map((all) => all.join('')),
      ),
      (query) => {
        const checked = checkQuery(query, {
          namespace: NAMESPACE,
          tenancy: 'enforce',
          scalar: true,
          words: ['x'],
        });
        if (!checked.ok) {
          expect(checked.error.at).toBeGreaterThanOrEqual(0);
          expect(checked.error.at).toBeLessThanOrEqual(query.length);
          expect(checked.error.wrong + checked.error.expected).not.toContain('undefined');
          return;
        }
        const parsed = syntaxOf(checked.value.query);
        expect(parsed.ok && unboundSelectors(parsed.value, NAMESPACE)).toEqual([]);
      },
    ),
    RUNS,
  );
});
