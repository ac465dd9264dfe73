import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parsePrometheusServers } from '../../src/domain/config/prometheus-servers.ts';
import { isPrometheusAddress } from '../../src/domain/prometheus-address.ts';

const numRuns = Number(process.env['FUZZ_RUNS'] ?? 300);
const SECRET = 'secret-nobody-may-see';

const anything = fc.oneof(
  fc.constant(SECRET),
  fc.constantFrom(1, true, null),
  fc.array(fc.constant(SECRET)),
  fc.object(),
);
const or = (good: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> =>
  fc.oneof({ weight: 4, arbitrary: good }, anything);
const secret = fc.record(
  { secret: or(fc.constant('prom')), key: or(fc.constant('token')), file: or(fc.constant('/t')) },
  { requiredKeys: [] },
);
const server = fc.record(
  {
    name: or(fc.constantFrom('main', 'other', 'third')),
    address: or(fc.constantFrom('http://prom:9090', 'https://prom/x/')),
    pathPrefix: or(fc.constant('/p')),
    headers: or(fc.dictionary(fc.string(), fc.constant(SECRET))),
    parameters: or(fc.dictionary(fc.string(), fc.constant(SECRET))),
    timeout: or(fc.constantFrom('1s', '500ms', '5m')),
    allowPartial: or(fc.boolean()),
    auth: or(fc.record({ bearer: secret, basic: secret }, { requiredKeys: [] })),
    tls: or(fc.record({ ca: secret, clientCertificate: secret }, { requiredKeys: [] })),
  },
  { requiredKeys: ['name', 'address'] },
);

test('any list is servers that can be asked, or sentences with a path and without a value', () => {
  fc.assert(
    fc.property(fc.oneof(fc.array(server, { maxLength: 3 }), anything), (given) => {
      const read = parsePrometheusServers(JSON.stringify(given));
      if (read.ok) {
        for (const { address, timeout } of read.value) {
          expect(isPrometheusAddress(address)).toBe(true);
          expect(timeout >= 100 && timeout <= 120_000).toBe(true);
        }
        return;
      }
      expect(read.error.length).toBeGreaterThan(0);
      for (const sentence of read.error) {
        expect(sentence).toMatch(/^prometheus-servers[^]*\.$/);
        expect(sentence).not.toContain(SECRET);
      }
    }),
    { numRuns },
  );
});

test('any text is servers or sentences', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const read = parsePrometheusServers(text);
      if (!read.ok) expect(read.error.join('')).toContain('prometheus-servers');
    }),
    { numRuns },
  );
});
