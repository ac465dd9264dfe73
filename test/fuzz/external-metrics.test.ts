import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { revisionAskedFor, valueListOf } from '../../src/domain/external-metrics/metric.ts';
import { readRequest } from '../../src/domain/external-metrics/request.ts';
import { readTrust } from '../../src/domain/external-metrics/trust.ts';
import { namespaceOf } from '../../src/domain/key.ts';
import { meets, parseLabelSelector, type Requirement } from '../../src/domain/k8s/label-selector.ts';
import { parseQuantity } from '../../src/domain/k8s/quantity.ts';
import { instant, ms } from '../../src/domain/time.ts';

const numRuns = Number(process.env['FUZZ_RUNS'] ?? 300);

const name = fc.stringMatching(/^[a-z0-9]([-a-z0-9]{0,10}[a-z0-9])?$/);
const label = fc.oneof(
  name,
  fc.stringMatching(/^[A-Za-z0-9]([-A-Za-z0-9_.]{0,20}[A-Za-z0-9])?$/),
  fc.constant(''),
);
const key = fc.oneof(
  name,
  fc.tuple(name, name).map(([prefix, last]) => `${prefix}.com/${last}`),
  fc.constantFrom('in', 'notin'),
);
const one = fc.oneof<fc.Arbitrary<Requirement>[]>(
  fc.record({
    key,
    operator: fc.constantFrom('In', 'NotIn'),
    values: fc.uniqueArray(label, { minLength: 1, maxLength: 4 }),
  }),
  fc.record({ key, operator: fc.constantFrom('Exists', 'DoesNotExist'), values: fc.constant([]) }),
  fc.record({
    key,
    operator: fc.constantFrom('Gt', 'Lt'),
    values: fc.integer({ min: 0 }).map((n) => [String(n)]),
  }),
);

const space = fc.constantFrom('', ' ', '  ');
/** A requirement as somebody may write it: with one value by a sign or as a set, with spaces where there may be some. */
const written = ({ key: of, operator, values }: Requirement): fc.Arbitrary<string> =>
  fc.tuple(space, space, fc.boolean()).map(([a, b, long]) => {
    const [first = ''] = values;
    const isSet = values.length > 1 || (long && first !== '');
    const set = `${a}(${values.join(`${b},`)})`;
    const forms = {
      In: isSet ? `${of} in ${set}` : `${of}${a}=${b}${first}`,
      NotIn: isSet ? `${of} notin${set}` : `${of}${a}!=${b}${first}`,
      Exists: `${a}${of}${b}`,
      DoesNotExist: `!${a}${of}`,
      Gt: `${of}${a}>${b}${first}`,
      Lt: `${of}${a}<${b}${first}`,
    };
    return forms[operator];
  });
const selector = fc
  .array(one, { maxLength: 4 })
  .chain((all) => fc.tuple(fc.constant(all), fc.tuple(...all.map(written)), space));

test('a selector that is written is read as what was meant', () => {
  fc.assert(
    fc.property(selector, ([all, texts, between]) => {
      expect(parseLabelSelector(texts.join(`${between},`))).toEqual({ ok: true, value: all });
    }),
    { numRuns },
  );
});

test('a requirement and its opposite never hold both, and one of them does where there is one', () => {
  const opposites = { In: 'NotIn', NotIn: 'In', Exists: 'DoesNotExist', DoesNotExist: 'Exists' } as const;
  fc.assert(
    fc.property(one, fc.dictionary(key, label), (requirement, labels) => {
      const { operator } = requirement;
      fc.pre(operator !== 'Gt' && operator !== 'Lt');
      expect(meets({ ...requirement, operator: opposites[operator] }, labels)).toBe(
        !meets(requirement, labels),
      );
    }),
    { numRuns },
  );
});

test('no selector leads out of the namespace for which the right is checked', () => {
  const tricky = fc.oneof(
    fc.string(),
    selector.map(([, texts]) => texts.join(',')),
    fc.string().map((value) => `hpa-bridge.dev/revision=${value}`),
    fc.tuple(name, name).map(([a, b]) => `hpa-bridge.dev/revision in (${a},${b})`),
    name.map((value) => `hpa-bridge.dev/revision=${value}`),
  );
  fc.assert(
    fc.property(fc.oneof(name, fc.string()), tricky, (namespace, text) => {
      const url = `/apis/external.metrics.k8s.io/v1beta1/namespaces/${encodeURIComponent(namespace)}/hpa-bridge-query?labelSelector=${encodeURIComponent(text)}`;
      const { target } = readRequest('GET', url);
      if (target.is !== 'metric') return;
      expect(target.namespace).toBe(namespace);
      const asked = revisionAskedFor(target);
      if (asked.ok) expect(namespaceOf(asked.value)).toBe(namespace);
    }),
    { numRuns },
  );
});

test('a request line of any kind is read', () => {
  const path = fc.oneof(
    fc.string(),
    fc.webPath(),
    fc.string({ unit: fc.constantFrom('/', '%', '2', 'F', '.', 'a', '?') }),
  );
  fc.assert(
    fc.property(fc.constantFrom('GET', 'POST', 'PURGE'), path, (method, url) => {
      expect(['health', 'openapi', 'path', 'metric']).toContain(readRequest(method, url).target.is);
    }),
    { numRuns },
  );
});

test('a value that is told is the value that is read, rounded up to a billionth', () => {
  fc.assert(
    fc.property(fc.double({ min: 0, noNaN: true, noDefaultInfinity: true, max: 1e15 }), (value) => {
      const list = valueListOf('a', { is: 'value', value, at: instant(0), interval: ms(15_000) });
      if (!list.ok) throw new Error('no list');
      const [item] = list.value['items'] as readonly [{ readonly value: string }];
      const read = parseQuantity(item.value);
      if (!read.ok) throw new Error(item.value);
      const { unscaled, exponent } = read.value.amount;
      const told = Number(`${unscaled}e${exponent}`);
      expect(told).toBeGreaterThanOrEqual(value);
      expect(told - value).toBeLessThanOrEqual(1e-9 + value * 1e-15);
    }),
    { numRuns },
  );
});

test('a ConfigMap of any kind is trust or a sentence', () => {
  const text = fc.oneof(fc.string(), fc.json(), fc.constant('["X-Remote-User"]'));
  const keys = fc.constantFrom(
    'client-ca-file',
    'requestheader-client-ca-file',
    'requestheader-username-headers',
    'requestheader-allowed-names',
  );
  fc.assert(
    fc.property(fc.dictionary(keys, text), (data) => {
      const read = readTrust(data);
      if (!read.ok) expect(read.error).toMatch(/^requestheader-.*: expected a JSON list of texts/);
    }),
    { numRuns },
  );
});
