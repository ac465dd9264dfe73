import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { HOP_BY_HOP } from '../../src/domain/activator/hop-by-hop.ts';
import { requestHeaders } from '../../src/domain/activator/request-headers.ts';
import { responseHeaders } from '../../src/domain/activator/response-headers.ts';
import { valuesOf } from '../contracts/activator/words.ts';

const RUNS = { numRuns: Number(process.env['FUZZ_RUNS'] ?? 300) };
const OURS = ['k-proxy-request', 'k-original-host', 'x-forwarded-for', 'te'];
const GONE = ['host', 'expect', 'k-network-hash', 'knative-serving-revision', 'knative-serving-namespace'];

const casing = (name: string): fc.Arbitrary<string> =>
  fc.constantFrom(
    name,
    name.toUpperCase(),
    name.replace(/\b\w/g, (letter) => letter.toUpperCase()),
  );
const name = fc
  .constantFrom(
    ...HOP_BY_HOP,
    ...OURS,
    ...GONE,
    'content-length',
    'x-a',
    'x-b',
    'cookie',
    'grpc-timeout',
    ':path',
  )
  .chain(casing);
const value = fc.oneof(
  fc.constantFrom('trailers', 'gzip, trailers', 'x-a', 'close, X-B', ''),
  fc.string({ maxLength: 12 }),
);
const list = fc.array(fc.tuple(name, value), { maxLength: 12 }).map((pairs) => pairs.flat());
const connectionIn = (raw: readonly string[]): string => valuesOf(raw, 'connection').join(', ');
const forwarding = { host: 'asked.example.com', peer: '10.0.0.9', extra: [] };

test('what a pod is told of a request says what an activator must say, and nothing for one hop', () => {
  fc.assert(
    fc.property(list, (raw) => {
      const connection = connectionIn(raw);
      const out = requestHeaders(raw, { ...forwarding, connection });
      expect(valuesOf(out, 'k-proxy-request')).toEqual(['activator']);
      expect(valuesOf(out, 'k-original-host')).toHaveLength(1);
      expect(valuesOf(out, 'x-forwarded-for')).toHaveLength(1);
      expect(valuesOf(out, 'x-forwarded-for')[0]).toMatch(/(^|, )10\.0\.0\.9$/);
      for (const gone of [...GONE, ...[...HOP_BY_HOP].filter((each) => each !== 'te')])
        expect([gone, valuesOf(out, gone)]).toEqual([gone, []]);
      expect([[], ['trailers']]).toContainEqual(valuesOf(out, 'te'));
      expect(
        out.some((each, i) => i % 2 === 0 && (each.startsWith(':') || each !== each.toLowerCase())),
      ).toBe(false);
    }),
    RUNS,
  );
});

test('headers that nobody has anything to say about pass in their order, unless Connection names them', () => {
  fc.assert(
    fc.property(list, (raw) => {
      const connection = connectionIn(raw);
      const named = connection
        .toLowerCase()
        .split(',')
        .map((each) => each.trim());
      const out = requestHeaders(raw, { ...forwarding, connection });
      for (const plain of ['x-a', 'x-b', 'cookie', 'grpc-timeout'])
        expect(valuesOf(out, plain)).toEqual(named.includes(plain) ? [] : valuesOf(raw, plain));
      // Where a body ends is not Connection's to say.
      expect(valuesOf(out, 'content-length')).toEqual(valuesOf(raw, 'content-length'));
    }),
    RUNS,
  );
});

test('rewriting what was rewritten adds a hop and changes nothing else', () => {
  fc.assert(
    fc.property(list, (raw) => {
      const once = requestHeaders(raw, { ...forwarding, connection: connectionIn(raw) });
      const twice = requestHeaders(once, { ...forwarding, host: 'pod', connection: '' });
      const without = (headers: readonly string[]): readonly string[] =>
        headers.filter((_, i) => !['x-forwarded-for', 'te'].includes(headers[i - (i % 2)] ?? ''));
      expect(without(twice).toSorted()).toEqual(without(once).toSorted());
      expect(valuesOf(twice, 'x-forwarded-for')).toEqual([
        `${valuesOf(once, 'x-forwarded-for')[0] ?? ''}, 10.0.0.9`,
      ]);
    }),
    RUNS,
  );
});

test('of an answer, only what is for one hop is left out, and trailers are announced only where there can be some', () => {
  fc.assert(
    fc.property(list, fc.boolean(), (raw, chunked) => {
      const out = responseHeaders(raw, { chunked });
      const named = connectionIn(raw)
        .toLowerCase()
        .split(',')
        .map((each) => each.trim());
      for (const gone of [...HOP_BY_HOP].filter((each) => each !== 'trailer'))
        expect([gone, valuesOf(out, gone)]).toEqual([gone, []]);
      for (const plain of ['x-a', 'x-b', 'cookie'])
        expect(valuesOf(out, plain)).toEqual(named.includes(plain) ? [] : valuesOf(raw, plain));
      if (!chunked || valuesOf(raw, 'content-length').length > 0)
        expect(valuesOf(out, 'trailer')).toEqual([]);
    }),
    RUNS,
  );
});
