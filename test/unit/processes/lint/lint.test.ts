import { describe, expect, test } from '@jest/globals';
import { readDocuments } from '../../../../src/adapters/yaml/documents.ts';
import { lint, type Linted } from '../../../../src/processes/lint/lint.ts';
import { REPORTS } from '../../../../src/processes/lint/report.ts';

const linted = (...texts: readonly string[]): Linted =>
  lint(
    texts.map((text, i) => ({ name: `${i}.yaml`, text })),
    readDocuments,
    { classes: new Set(['hpa.autoscaling.knative.dev']), backend: undefined },
  );
const places = (...texts: readonly string[]): string[] =>
  linted(...texts).findings.map(
    ({ file, line, column, severity }) => `${file}:${line}:${column} ${severity}`,
  );

const service = (...annotations: readonly string[]): string =>
  [
    'apiVersion: serving.knative.dev/v1',
    'kind: Service',
    'metadata: {name: shop, namespace: team}',
    'spec:',
    '  template:',
    '    metadata:',
    '      annotations:',
    '        autoscaling.knative.dev/class: hpa.autoscaling.knative.dev',
    ...annotations.map((line) => `        ${line}`),
    '',
  ].join('\n');
const TARGET = 'autoscaling.knative.dev/target: "5"';
const GOOD = service('autoscaling.knative.dev/query: sum(rate(x{namespace="team"}[1m]))', TARGET);
const configMap = (...data: readonly string[]): string =>
  ['apiVersion: v1', 'kind: ConfigMap', 'metadata: {name: config-hpa-bridge}', 'data:', ...data, ''].join(
    '\n',
  );

test('the place of a mistake in PromQL is exact', () => {
  const text = service('autoscaling.knative.dev/query: |', '  sum(', '    rate(x)', '  )', TARGET);
  expect(places(text)).toEqual(['0.yaml:11:18 error']);
  expect(text.split('\n')[10]?.slice(17)).toBe('x)');
});

test('a missing annotation is told where it should be', () => {
  expect(places(service('autoscaling.knative.dev/query: sum(x{namespace="team"})'))).toEqual([
    '0.yaml:7:7 error',
  ]);
});

test('findings are in the order of files and lines, several documents in each', () => {
  const bad = service('autoscaling.knative.dev/query: sum(', TARGET);
  expect(places(`${bad}---\n${GOOD}---\n${bad}`, bad)).toEqual([
    '0.yaml:9:44 error',
    '0.yaml:31:44 error',
    '1.yaml:9:44 error',
  ]);
});

test('a document that is no YAML, and one that is no object', () => {
  expect(places('a: [1\n', '- 1\n', 'word\n')).toEqual(['0.yaml:2:1 error']);
});

test('a model that cannot be downloaded is one error at its annotation, whatever the class', () => {
  const text = `${service(
    'injectModelInitContainer: "true"',
    'modelBucket: models',
    'modelPath: ../other',
  )}    spec: {containers: [{image: app}]}\n`;
  const path = text.replace('autoscaling.knative.dev/class: hpa', 'other/class: hpa');
  const features = configMap('  kubernetes.podspec-init-containers: disabled').replace(
    'config-hpa-bridge',
    'config-features',
  );
  expect(places(text)).toEqual(['0.yaml:11:9 error']);
  expect(places(path)).toEqual(['0.yaml:11:9 error']);
  expect(places(text.replace('../', ''), features)).toEqual(['0.yaml:9:9 error']);
  expect(places(text.replace('../', ''))).toEqual([]);
});

test('objects of a List are looked through', () => {
  const item = service('autoscaling.knative.dev/query: sum(', TARGET)
    .split('\n')
    .map((line) => `    ${line}`);
  const list = ['apiVersion: v1', 'kind: List', 'items:', `  - ${item[0]?.trim()}`, ...item.slice(1)].join(
    '\n',
  );
  expect(places(list)).toEqual(['0.yaml:12:48 error']);
});

describe('ConfigMaps', () => {
  const NAMED = service(
    'autoscaling.knative.dev/query: sum(x{namespace="team"})',
    'hpa-bridge.dev/prometheus: main',
    'hpa-bridge.dev/backend: hpa',
    TARGET,
  );

  test('are what the others are judged by, wherever they stand', () => {
    const servers = configMap('  prometheus-servers: \'[{"name": "main", "address": "http://x:9090"}]\'');
    expect(places(NAMED)).toEqual([]);
    expect(places(NAMED, servers)).toEqual([]);
    expect(places(NAMED, configMap('  tenancy: warn'))).toEqual(['0.yaml:10:9 error']);
  });

  test('that are refused are as if they were not there', () => {
    expect(places(NAMED, configMap('  tenancy: maybe'))).toEqual(['1.yaml:5:3 error']);
  });
});

describe('reports', () => {
  const one = linted(
    service('autoscaling.knative.dev/query: sum(', TARGET, 'autoscaling.knative.dev/max-scael: "1"'),
    GOOD,
  );

  test('text', () => {
    const lines = REPORTS.text(one).split('\n');
    expect(lines[0]).toMatch(/^0\.yaml:9:44: error: autoscaling\.knative\.dev\/query .* expected .*\.$/);
    expect(lines.slice(1)).toEqual([
      '0.yaml:11:9: warning: "autoscaling.knative.dev/max-scael" is not an annotation that Knative or hpa-bridge reads; did you mean autoscaling.knative.dev/max-scale?',
      '2 objects, 1 error, 1 warning',
      '',
    ]);
    expect(REPORTS.text(linted(GOOD))).toBe('1 object, 0 errors, 0 warnings\n');
  });

  test('json', () => {
    expect(JSON.parse(REPORTS.json(one))).toMatchObject({
      objects: 2,
      findings: [{ file: '0.yaml', line: 9, column: 44, severity: 'error', object: 'Service shop' }, {}],
    });
  });

  test('github: nothing in a message or a name ends its command', () => {
    const finding = { line: 1, column: 2, severity: 'error', object: 'Service shop' } as const;
    const said = REPORTS.github({
      objects: 1,
      findings: [{ ...finding, file: 'a,b:c.yaml', message: '50 %\nof it' }],
    });
    expect(said).toBe('::error file=a%2Cb%3Ac.yaml,line=1,col=2::50 %25%0Aof it\n');
    expect(REPORTS.github(linted(GOOD))).toBe('');
  });
});
