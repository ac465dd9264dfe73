import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { BOOT, type BootSetting } from '../../src/domain/config/boot.ts';
import { API_SERVICE } from '../../src/domain/external-metrics/discovery.ts';
import { settingsOf } from '../../tools/gen/chart/component-values.ts';
import { components } from '../../tools/gen/chart/manifests.ts';
import { valuesSchema } from '../../tools/gen/chart/schema.ts';
import { chartValues, valuesBelow } from '../../tools/gen/chart/values.ts';
import { OUTPUTS } from '../../tools/gen/outputs.ts';
import { filesUnder } from '../files.ts';

const CHART = 'charts/hpa-bridge';
const read = (path: string): string => readFileSync(`${CHART}/${path}`, 'utf8');
const values = chartValues();
const paths = valuesBelow(values).map(([path]) => path);
const templates = filesUnder(`${CHART}/templates`, '').map((file) => file.slice(CHART.length + 1));

const at = (tree: unknown, path: string): unknown =>
  // A key of a ConfigMap may have dots in it; those are in no template and have no default.
  path.split('.').reduce<unknown>((node, key) => (node as Record<string, unknown> | undefined)?.[key], tree);

test('values.yaml says the defaults of the values', () => {
  const written = parse(read('values.yaml')) as unknown;
  for (const [path, { fallback }] of valuesBelow(values))
    expect({ path, value: at(written, path) }).toEqual({ path, value: fallback });
});

test.each(templates)('%s reads only values that there are', (file) => {
  for (const [, path = ''] of read(file).matchAll(/\.Values\.([a-zA-Z.]+[a-zA-Z])/g))
    expect(paths.filter((known) => known === path || known.startsWith(`${path}.`))).not.toEqual([]);
});

test('files holds what is copied there, and nothing else', () => {
  const copied = OUTPUTS.map(({ path }) => path).filter((path) => path.startsWith(`${CHART}/files/`));
  expect(filesUnder(`${CHART}/files`, '')).toEqual([...copied].sort());
});

describe('settings', () => {
  /** As the templates make the name of a variable. */
  const variable = (setting: BootSetting): string =>
    `HPA_BRIDGE_${setting.replaceAll(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`;

  test('the name of each gives its variable', () => {
    const offered = [
      ...components().flatMap(settingsOf),
      'leaseDuration',
      'renewDeadline',
      'retryPeriod',
    ] as const;
    for (const setting of offered)
      expect({ setting, env: (BOOT[setting] as { env?: string }).env }).toEqual({
        setting,
        env: variable(setting),
      });
    expect([BOOT.logLevel.env, BOOT.logFormat.env]).toEqual([
      'HPA_BRIDGE_LOG_LEVEL',
      'HPA_BRIDGE_LOG_FORMAT',
    ]);
  });

  test('those that are numbers have their bounds in the schema, those that are words their words', () => {
    const schema = valuesSchema(values);
    const of = (path: string): unknown => at(schema, `properties.controller.properties.${path}`);
    expect(of('settings.properties.workers')).toMatchObject({ type: 'integer', minimum: 1, maximum: 256 });
    expect(of('logging.properties.format')).toMatchObject({ enum: ['json', 'text'] });
  });
});

test('a value that is not known is refused at every level, but below global', () => {
  const open: string[] = [];
  const look = (node: Record<string, unknown>, path: string): void => {
    if (node['properties'] === undefined) return;
    if (node['additionalProperties'] !== false) open.push(path);
    for (const [key, child] of Object.entries(node['properties'] as Record<string, Record<string, unknown>>))
      look(child, `${path}/${key}`);
  };
  look(valuesSchema(values), '');
  expect(open.filter((path) => !paths.includes(path.slice(1).replaceAll('/', '.')))).toEqual(['/global']);
});

test('the policy of the controller lets in what comes to its ports', () => {
  const [, policy = ''] = read('templates/network-policy.yaml').split('component: controller');
  const [ingress = ''] = policy.split('egress:');
  const controller = components().find(({ name }) => name === 'controller');
  const ports = controller?.deployment.spec.template.spec.containers[0].ports.map(({ name }) => name);
  expect([...ingress.matchAll(/port: ([\w-]+)/g)].map(([, port]) => port)).toEqual(ports);
});

test('names that the templates write are those that the program expects', () => {
  const api = read('templates/api-service.yaml');
  expect(api).toContain(API_SERVICE);
  expect(api).toContain(`name: ${BOOT.externalMetricsService.default}\n`);
  const wanted = read('templates/certificates.yaml');
  for (const { default: name } of [BOOT.externalMetricsService, BOOT.webhookService])
    expect(wanted).toContain(`"${name}"`);
  // The Secrets have the names of their Services.
  expect([BOOT.externalMetricsSecret.default, BOOT.webhookSecret.default]).toEqual([
    BOOT.externalMetricsService.default,
    BOOT.webhookService.default,
  ]);
});
