import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Document, Scalar } from 'yaml';
import { readDocuments } from '../../../../src/adapters/yaml/documents.ts';

/** The sign of the source at a place. */
function signAt(source: string, { line, column }: { line: number; column: number }): string | undefined {
  return source.split('\n')[line - 1]?.[column - 1];
}

const STYLES = [
  Scalar.PLAIN,
  Scalar.QUOTE_SINGLE,
  Scalar.QUOTE_DOUBLE,
  Scalar.BLOCK_LITERAL,
  Scalar.BLOCK_FOLDED,
] as const;

/** Texts such as queries: no signs that YAML has to write in another way. */
const query = fc.stringMatching(/^[a-z(][a-z0-9(){}=~"'|.+*: \n-]{0,120}[a-z)]$/);

test.each(STYLES)('a place in a text that is written as %s is where its sign stands', (type) => {
  fc.assert(
    fc.property(query, fc.nat(), (text, where) => {
      const scalar = new Scalar(text);
      scalar.type = type;
      const document = new Document({ metadata: { annotations: { before: 'x', query: '', after: 'y' } } });
      document.setIn(['metadata', 'annotations', 'query'], scalar);
      const source = document.toString({ lineWidth: 0 });
      const [read] = readDocuments(source);
      const at = where % text.length;
      const place = read!.positionOf(['metadata', 'annotations', 'query'], at);
      const begin = read!.positionOf(['metadata', 'annotations', 'query'], text.length + 1);
      const sign = text[at]!;
      // What is put together in a way that is not followed stays at the beginning; a line break has no sign of its own,
      // and a quotation mark may stand behind a backslash.
      if (sign === '\n' || (place.line === begin.line && place.column === begin.column)) return;
      expect([sign, '\\']).toContain(signAt(source, place));
    }),
  );
});

describe('places of queries as people write them', () => {
  const QUERY = 'sum(rate(http_requests_total{revision="{{ .revisionName }}"}[1m]))';
  const at = QUERY.indexOf('rate');
  const placed = (written: string): string | undefined => {
    const source = `spec:\n  annotations:\n    a: b\n    query: ${written}\n    c: d\n`;
    const [document] = readDocuments(source);
    const { line, column } = document!.positionOf(['spec', 'annotations', 'query'], at);
    return source.split('\n')[line - 1]?.slice(column - 1, column + 3);
  };

  test.each([
    ['plain', QUERY],
    ['in single quotes', `'${QUERY}'`],
    ['in double quotes', JSON.stringify(QUERY)],
    ['literal', `|\n      ${QUERY}`],
    ['literal, stripped, with deep indentation', `|-\n            ${QUERY}`],
    ['folded', '>-\n      sum(rate(http_requests_total{revision="{{\n      .revisionName }}"}[1m]))'],
  ])('%s', (_, written) => expect(placed(written)).toBe('rate'));

  test('in a literal text of several lines', () => {
    const source = 'query: |\n  sum(\n    rate(x[1m])\n  )\n';
    expect(readDocuments(source)[0]!.positionOf(['query'], 'sum(\n  '.length)).toEqual({
      line: 3,
      column: 5,
    });
  });

  test('in a folded text of several lines', () => {
    const source = 'query: >-\n  sum(x)\n  + rate(x)\n';
    expect(readDocuments(source)[0]!.positionOf(['query'], 'sum(x) + '.length)).toEqual({
      line: 3,
      column: 5,
    });
  });

  test('in a text whose lines are put together otherwise, where it begins', () => {
    const source = 'query: "sum(x)\n\n  + y"\n';
    expect(readDocuments(source)[0]!.positionOf(['query'], 8)).toEqual({ line: 1, column: 8 });
  });
});

describe('places of fields', () => {
  const SOURCE = 'a: 1\n---\nspec:\n  template: {name: x}\nitems:\n  - b: 2\n';
  const second = readDocuments(SOURCE)[1]!;

  test.each([
    [['spec', 'template'], { line: 4, column: 3 }],
    [['spec', 'template', 'name'], { line: 4, column: 14 }],
    [['items', '0', 'b'], { line: 6, column: 5 }],
    [['spec', 'missing', 'name'], { line: 3, column: 1 }],
    [[], { line: 3, column: 1 }],
  ])('%j', (path, place) => expect(second.positionOf(path)).toEqual(place));
});

test('a text that is no YAML says where and why; the documents beside it are read', () => {
  const [good, bad] = readDocuments('a: 1\n---\nb: [1\n');
  expect(good?.value).toEqual({ a: 1 });
  expect(bad).toMatchObject({ value: undefined, problems: [{ position: { line: 4 } }] });
  expect(bad?.problems[0]?.message).not.toContain('\n');
});

test('documents without content are none', () => {
  expect(readDocuments('')).toEqual([]);
  expect(readDocuments('# nothing\n---\n---\n')).toEqual([]);
});

test('words without quotes are what kubectl takes them for', () => {
  const [document] = readDocuments('a: off\nb: "off"\nc: 5\n');
  expect(document?.value).toEqual({ a: false, b: 'off', c: 5 });
});

test('JSON is read, and nothing throws, whatever the text', () => {
  expect(readDocuments('{"a": [1, "b"]}').map(({ value }) => value)).toEqual([{ a: [1, 'b'] }]);
  fc.assert(
    fc.property(fc.string({ maxLength: 200 }), (text) => {
      for (const document of readDocuments(text)) document.positionOf(['a', 'b'], 3);
    }),
  );
  // References that unfold to more than anybody can hold.
  const many = Array.from({ length: 9 }, (_, i) => `a${i}: &a${i} [${`*a${i - 1},`.repeat(9)}]`).slice(1);
  expect(readDocuments(['a0: &a0 [x]', ...many].join('\n')).map(({ value }) => value)).toEqual([undefined]);
});
