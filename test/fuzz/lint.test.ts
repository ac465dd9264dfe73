import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { stringify } from 'yaml';
import { readDocuments } from '../../src/adapters/yaml/documents.ts';
import { ANNOTATIONS, SETTINGS, spellings } from '../../src/domain/annotation/table.ts';
import { lint, type Linted } from '../../src/processes/lint/lint.ts';

const RUNS = { numRuns: Number(process.env['FUZZ_RUNS'] ?? 300) };
const CLASS = 'hpa.autoscaling.knative.dev';

const linted = (text: string, backend?: 'keda' | 'hpa'): Linted =>
  lint([{ name: 'a.yaml', text }], readDocuments, { classes: new Set([CLASS]), backend });

/** Values as people write them, and anything else that YAML has. */
const value = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...SETTINGS.map((setting) => ANNOTATIONS[setting].example)) },
  fc.string(),
  fc.jsonValue({ maxDepth: 2 }),
);
const annotations = fc.dictionary(
  fc.oneof({ weight: 5, arbitrary: fc.constantFrom(...SETTINGS.flatMap(spellings)) }, fc.string()),
  value,
  { maxKeys: 8 },
);
const manifest = fc.record(
  {
    apiVersion: fc.constantFrom('serving.knative.dev/v1', 'v1'),
    kind: fc.constantFrom('Service', 'Configuration', 'Revision', 'ConfigMap', 'List'),
    metadata: fc.oneof(
      fc.record({ name: fc.oneof(fc.constant('config-hpa-bridge'), fc.string()), annotations }),
      fc.jsonValue({ maxDepth: 2 }),
    ),
    data: fc.oneof(fc.dictionary(fc.constantFrom('backend', 'tenancy', 'prometheus-servers'), value), value),
    items: value,
    spec: fc.oneof(
      fc.record({
        template: fc.record({
          metadata: fc.record({
            annotations: annotations.map((some) => ({ 'autoscaling.knative.dev/class': CLASS, ...some })),
          }),
          spec: fc.record({ containerConcurrency: value }),
        }),
      }),
      fc.jsonValue({ maxDepth: 3 }),
    ),
  },
  { requiredKeys: ['apiVersion', 'kind'] },
);

test('whatever a manifest holds, it is judged, and every finding has a place in it', () => {
  fc.assert(
    fc.property(manifest, fc.constantFrom('keda', 'hpa', undefined), (object, backend) => {
      const text = stringify(object);
      const lines = text.split('\n');
      for (const { line, column, message } of linted(text, backend).findings) {
        expect(lines[line - 1]?.length).toBeGreaterThanOrEqual(column - 1);
        expect(message).toMatch(/\S/);
      }
    }),
    RUNS,
  );
});

test('what is wrong in any cluster is wrong in each', () => {
  const errors = (text: string, backend?: 'keda' | 'hpa'): Set<string> =>
    new Set(linted(text, backend).findings.map(({ line, severity }) => `${line} ${severity}`));
  fc.assert(
    fc.property(manifest, (object) => {
      const text = stringify(object);
      const certain = errors(text);
      for (const backend of ['keda', 'hpa'] as const)
        expect([...certain].filter((one) => !errors(text, backend).has(one))).toEqual([]);
    }),
    RUNS,
  );
});
