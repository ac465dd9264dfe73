import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { LineSplitter } from '../../src/adapters/kube/lines.ts';

const RUNS = { numRuns: Number(process.env['FUZZ_RUNS'] ?? 200) };

/** What the splitter makes of these bytes, cut at these places. */
function split(bytes: Uint8Array, cuts: readonly number[]): { lines: string[]; rest: string } {
  const splitter = new LineSplitter();
  const edges = [...new Set([0, ...cuts, bytes.length])].toSorted((a, b) => a - b);
  const lines = edges.slice(1).flatMap((end, i) => splitter.push(bytes.subarray(edges[i], end)));
  return { lines, rest: splitter.rest() };
}

// Characters of one to four bytes; line feeds and white space at the edges are the protocol's own.
const text = fc
  .string({ unit: fc.constantFrom('a', '"', '{', 'é', '€', '𝄞', '漢'), minLength: 1, maxLength: 8 })
  .filter((line) => line.trim() !== '');

test('lines are the same wherever one cut falls', () => {
  fc.assert(
    fc.property(
      fc.array(text, { maxLength: 6 }),
      fc.string({ unit: fc.constantFrom('x', '€') }),
      (lines, rest) => {
        const bytes = Buffer.from(lines.map((line) => `${line}\n`).join('') + rest);
        for (let cut = 0; cut <= bytes.length; cut++) expect(split(bytes, [cut])).toEqual({ lines, rest });
      },
    ),
    RUNS,
  );
});

test('lines are the same however many cuts there are', () => {
  fc.assert(
    fc.property(fc.array(text, { maxLength: 6 }), fc.array(fc.nat(200)), (lines, places) => {
      const bytes = Buffer.from(lines.map((line) => `${line}\n`).join(''));
      const cuts = places.map((place) => Math.min(place, bytes.length));
      expect(split(bytes, cuts)).toEqual({ lines, rest: '' });
      expect(split(bytes, [...bytes.keys()])).toEqual({ lines, rest: '' });
    }),
    RUNS,
  );
});

test('carriage returns and empty lines are not lines', () => {
  expect(split(Buffer.from('\r\n\n{"a":1}\r\n\n'), [])).toEqual({ lines: ['{"a":1}'], rest: '' });
});

test('a line without an end is refused before it fills the memory', () => {
  const splitter = new LineSplitter();
  const piece = new Uint8Array(1024 * 1024).fill(0x61);
  expect(() => {
    for (let i = 0; i < 40; i++) splitter.push(piece);
  }).toThrow(RangeError);
});
