import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { ANNOTATIONS, SETTINGS, spellings } from '../../src/domain/annotation/table.ts';
import { plan } from '../../src/domain/plan/plan.ts';
import type { Step } from '../../src/domain/plan/world.ts';
import { configOf, paOf, worldOf } from '../builders/world.ts';

const RUNS = { numRuns: Number(process.env['FUZZ_RUNS'] ?? 300) };
const SECRET = 'hunter2hunter2';

/** Where people write secrets, and where they should not. */
const secret = fc.constantFrom(
  `http://me:${SECRET}@prometheus:9090`,
  `http://me:a/${SECRET}@prometheus:9090`,
  `http://prometheus:9090?token=${SECRET}`,
  `Bearer ${SECRET}`,
  `password=${SECRET}`,
);
/** In JSON they need not look like secrets: of its values none is told. */
const jsonWithSecret = fc.constantFrom(
  `[{"type":"prometheus","metadata":{"serverAddress":"http://me:${SECRET}@h","threshold":5}}]`,
  `[{"type":"prometheus","metadata":{"token":"${SECRET}"},"authenticationRef":"${SECRET}"}]`,
  `{"spec":{"triggers":[{"type":"x","metadata":{"password":"${SECRET}"}}],"minReplicaCount":"${SECRET}"}}`,
  `{"formula":5,"target":"password=${SECRET}"}`,
  `{"policies":"${SECRET}"}`,
);
const value = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...SETTINGS).map((setting) => ANNOTATIONS[setting].example) },
  {
    weight: 3,
    arbitrary: fc.constantFrom('', '0', '-1', 'x', '1e400', 'NaN', '2h', '5', '0.0001', '[]', '{}'),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom('keda', 'hpa', 'cpu', 'memory', 'a b', 'null', '{"a":1}', '[1,2]'),
  },
  { weight: 2, arbitrary: secret },
  { weight: 1, arbitrary: fc.json() },
  { weight: 1, arbitrary: fc.string({ unit: 'binary' }) },
);
const key = fc.oneof(
  { weight: 9, arbitrary: fc.constantFrom(...SETTINGS.flatMap(spellings)) },
  {
    weight: 1,
    arbitrary: fc.string({ unit: 'binary', maxLength: 8 }).map((name) => `hpa-bridge.dev/${name}`),
  },
);
const jsonKeys = SETTINGS.filter((setting) => /JSON/.test(ANNOTATIONS[setting].expects)).flatMap(spellings);
const annotation = fc.oneof(
  { weight: 5, arbitrary: fc.tuple(key, value) },
  { weight: 1, arbitrary: fc.tuple(fc.constantFrom(...jsonKeys), jsonWithSecret) },
);
const START: readonly Readonly<Record<string, string>>[] = [
  {},
  { metric: 'cpu' },
  { metric: 'requests', target: '5' },
  { query: 'sum(up{namespace="default"})', target: '5' },
];
const said = fc
  .tuple(
    fc.constantFrom(...START),
    fc.array(annotation, { maxLength: 5 }).map((entries) => Object.fromEntries(entries)),
    fc.constantFrom('auto' as const, 'keda' as const, 'hpa' as const),
    fc.boolean(),
  )
  .map(([start, annotations, backend, kedaServed]) => {
    const pa = paOf({ ...start, ...annotations });
    const { steps } = plan(worldOf({ pa, kedaServed, config: configOf({ bridge: { backend } }) }));
    return { steps, events: steps.flatMap((step) => (step.do === 'event' ? [step.event] : [])) };
  });

/** What the conditions say; the rest of a status holds no text of the user. */
const statusIn = (steps: readonly Step[]): string =>
  JSON.stringify(steps.flatMap((step) => (step.do === 'status' ? [step.body] : [])));

/** Where there is room for more than one mistake. */
const roomy = new Set([...jsonKeys, ...spellings('prometheusQuery')]);

describe('what is said of any annotations', () => {
  test('is printable sentences, short enough for an event', () => {
    fc.assert(
      fc.property(said, ({ events }) => {
        for (const { message } of events) {
          expect(message).toMatch(/^\P{Cc}+[.?]$/u);
          expect(message).not.toMatch(/[.?]{2}$/);
          expect(Buffer.byteLength(message)).toBeLessThanOrEqual(1024);
        }
      }),
      RUNS,
    );
  });

  test('is one sentence for one value', () => {
    fc.assert(
      fc.property(said, ({ events }) => {
        const keys = events.map(({ sameAs: [about = ''] }) => about).filter((about) => !roomy.has(about));
        expect(keys).toEqual([...new Set(keys)]);
      }),
      RUNS,
    );
  });

  test('tells what is done: nothing is made where something is refused', () => {
    fc.assert(
      fc.property(said, ({ steps, events }) => {
        const refused = events.some(({ reason }) => reason === 'InvalidAnnotation');
        const made = steps.some((step) => step.do === 'apply');
        expect({ refused, made }).toEqual({ refused, made: !refused });
      }),
      RUNS,
    );
  });

  test('repeats no secret', () => {
    fc.assert(
      fc.property(said, ({ steps, events }) => {
        expect(JSON.stringify(events)).not.toContain(SECRET);
        expect(statusIn(steps)).not.toContain(SECRET);
      }),
      RUNS,
    );
  });
});

test.each([
  ['extra-prometheus-triggers', `[${'1,'.repeat(100_000)}1]`],
  ['hpa-scale-up-rules', `{${Array.from({ length: 9_000 }, (_, i) => `"field-${i}":1`).join(',')}}`],
  ['scaled-object-override', `{"${'x'.repeat(200_000)}":1}`],
])('however many mistakes %s holds, few are said', (name, text) => {
  const { steps } = plan(worldOf({ pa: paOf({ metric: 'cpu', [name]: text }), kedaServed: true }));
  expect(steps.filter((step) => step.do === 'event').length).toBeLessThanOrEqual(11);
  expect(statusIn(steps).length).toBeLessThan(10_000);
});

test('however many keys nobody knows, few are named, and how many there are', () => {
  const unknown = Object.fromEntries(Array.from({ length: 5_000 }, (_, i) => [`hpa-bridge.dev/x${i}`, '']));
  const { steps } = plan(worldOf({ pa: paOf({ metric: 'cpu', ...unknown }), kedaServed: true }));
  const told = steps.flatMap((step) => (step.do === 'event' ? [step.event.message] : []));
  expect(told).toHaveLength(21);
  expect(told.at(-1)).toBe(
    'There are 4980 more mistakes, the first of them in hpa-bridge.dev/x20: expected these to be mended first.',
  );
});
