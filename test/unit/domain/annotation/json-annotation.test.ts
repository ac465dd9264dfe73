import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { readJsonAnnotation } from '../../../../src/domain/annotation/json-annotation.ts';
import type { Shape } from '../../../../src/domain/annotation/json-shape.ts';
import { jsonOf, readJson } from '../../../../src/domain/annotation/json-text.ts';

const shape: Shape = {
  is: 'object',
  unknown: 'drop',
  needs: ['name'],
  fields: {
    name: { is: 'text' },
    window: { is: 'integer', from: 0, to: 3600 },
    on: { is: 'boolean' },
    kind: { is: 'text', oneOf: ['A', 'B'] },
    tolerance: { is: 'quantity' },
    metadata: { is: 'texts' },
    items: { is: 'list', of: { is: 'text' } },
  },
};

const read = (text: string): { value: unknown; messages: readonly string[] } => {
  const { value, mistakes } = readJsonAnnotation(text, { key: 'k', shape, example: '{"name":"a"}' });
  return { value, messages: mistakes.map(({ effect, message }) => `${effect}: ${message}`) };
};

describe('a good annotation', () => {
  test('is read as it is', () => {
    const text = '{"name":"a","window":60,"on":true,"kind":"B","metadata":{"x":"1"},"items":["b"]}';
    expect(read(text)).toEqual({ value: JSON.parse(text) as unknown, messages: [] });
  });

  test('takes fields whatever their case, as Go reads them', () =>
    expect(read('{"NAME":"a","Window":7,"i\\u0074em\\u017f":[]}')).toEqual({
      value: { name: 'a', window: 7, items: [] },
      messages: [],
    }));

  test('writes a quantity as Kubernetes does', () =>
    expect(read('{"name":"a","tolerance":0.1}').value).toEqual({ name: 'a', tolerance: '100m' }));

  test('may leave a field null', () =>
    expect(read('{"name":"a","window":null}').value).toEqual({ name: 'a' }));

  test('cannot reach the prototype', () => {
    const { value } = read('{"name":"a","metadata":{"__proto__":"x"}}');
    expect(JSON.stringify(value)).toBe('{"name":"a","metadata":{"__proto__":"x"}}');
  });
});

describe('a mistake names the place, what is wrong and what would be right', () => {
  test.each([
    [
      '',
      'refused: k is not JSON at line 1 column 1: expected a JSON value, found the end; right is, for example, {"name":"a"}.',
    ],
    [
      '{bad}',
      'refused: k is not JSON at line 1 column 2: expected a field name in double quotes, found "b"; right is, for example, {"name":"a"}.',
    ],
    [
      '{"name":"a",\n "on":tru}',
      'refused: k is not JSON at line 2 column 7: expected a JSON value, found "t"; right is, for example, {"name":"a"}.',
    ],
    [
      '{"name":"a"} x',
      'refused: k is not JSON at line 1 column 14: expected nothing after the value, found "x"; right is, for example, {"name":"a"}.',
    ],
    ['[]', 'refused: k must be an object, not a list; right is, for example, {"name":"a"}.'],
    ['{}', 'refused: k needs the field name; right is, for example, {"name":"a"}.'],
    ['{"name":5}', 'refused: k at line 1 column 9: name must be a string in double quotes, not a number.'],
    [
      '{"name":"a","window":1.0}',
      'refused: k at line 1 column 22: window must be a whole number from 0 to 3600, not 1.0.',
    ],
    [
      '{"name":"a","window":3601}',
      'refused: k at line 1 column 22: window must be a whole number from 0 to 3600, not 3601.',
    ],
    ['{"name":"a","on":"yes"}', 'refused: k at line 1 column 18: on must be true or false, not a string.'],
    ['{"name":"a","kind":"C"}', 'refused: k at line 1 column 20: kind must be A or B, not "C".'],
    [
      '{"name":"a","tolerance":"-1"}',
      'refused: k at line 1 column 25: tolerance must be a Kubernetes quantity that is not negative, for example "0.1", not "-1".',
    ],
    [
      '{"name":"a","metadata":{"x":1}}',
      'refused: k at line 1 column 29: metadata.x must be a string in double quotes, not a number.',
    ],
    [
      '{"name":"a","items":["b",2]}',
      'refused: k at line 1 column 26: items[1] must be a string in double quotes, not a number.',
    ],
    ['{"name":"a","Name":"b"}', 'refused: k at line 1 column 13: name is given twice; keep one of them.'],
    [
      '{"name":"a","nmae":1}',
      'ignored: k at line 1 column 13: nmae is unknown and has no effect: expected name, window, on, kind, tolerance, metadata or items.',
    ],
  ])('%j', (text, message) => expect(read(text).messages).toEqual([message]));

  test('of many mistakes ten are told, the gravest first', () => {
    const unknown = Array.from({ length: 20 }, (_, i) => `"x${i}":1`).join(',');
    const { messages } = read(`{"name":"a",${unknown},"on":5}`);
    expect(messages).toHaveLength(10);
    expect(messages[0]).toContain('on must be true or false');
  });
  test('a strange name of a field is quoted and shortened', () =>
    expect(read(`{"name":"a","x\\n${'y'.repeat(100)}":1}`).messages[0]).toMatch(
      /^ignored: k at line 1 column 13: "x\\n[y]+…[y]+" is unknown/,
    ));

  test('a password in metadata is not repeated', () =>
    expect(read('{"name":"a","metadata":{"password":["hunter2"]}}').messages.join()).not.toContain(
      'hunter2',
    ));
});

describe('the reader', () => {
  test('reads what JSON.parse reads', () =>
    fc.assert(
      fc.property(fc.json({ maxDepth: 6 }), (text) => {
        const json = readJson(text);
        if (!json.ok) throw new Error(`${json.error.message} at ${json.error.at}`);
        expect(jsonOf(json.value)).toEqual(JSON.parse(text));
      }),
    ));

  test('refuses what JSON.parse refuses, and never throws', () =>
    fc.assert(
      fc.property(
        fc.array(
          fc.constantFrom(
            '{',
            '}',
            '[',
            ']',
            '"',
            ',',
            ':',
            '0',
            '-',
            '.',
            'e',
            '1',
            'true',
            'null',
            '\\',
            'u00',
            ' ',
            '\n',
          ),
          { maxLength: 12 },
        ),
        (parts) => {
          const text = parts.join('');
          let parses = true;
          try {
            JSON.parse(text);
          } catch {
            parses = false;
          }
          const json = readJson(text);
          if (!json.ok) expect(json.error.at).toBeLessThanOrEqual(text.length);
          // Numbers beyond a double are the one thing that we refuse and JSON.parse does not; these texts are too short for them.
          expect(json.ok).toBe(parses);
        },
      ),
      { numRuns: 2000 },
    ));

  test('does not follow nesting without end', () => expect(readJson('['.repeat(200_000)).ok).toBe(false));

  test('reads a string as long as an annotation can be', () =>
    expect(readJson(JSON.stringify('a\\'.repeat(130_000))).ok).toBe(true));
});
