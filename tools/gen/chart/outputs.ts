import { existsSync, readdirSync, readFileSync } from 'node:fs';
import type { Output } from '../output.ts';
import { CONFIG_FILES } from './manifests.ts';
import { chartReadme } from './readme.ts';
import { valuesSchema } from './schema.ts';
import { chartValues } from './values.ts';
import { valuesYaml } from './values-yaml.ts';

const CHART = 'charts/hpa-bridge';

/** What is copied into the chart, because a chart has to hold all that it renders: from where, and which files. */
const FOLDERS: readonly (readonly [string, string, RegExp])[] = [
  ['dashboards', 'dashboards', /\.json$/],
  ['dashboards/rules', 'rules', /\.ya?ml$/],
];

/** The parts of the chart that come from elsewhere. `made`: files that are generated too, so that a copy is as new as they will be. */
export const chartOutputs = (made: readonly Output[]): readonly Output[] => {
  const values = chartValues();
  return [
    { path: `${CHART}/Chart.yaml`, content: withVersion },
    { path: `${CHART}/README.md`, content: () => chartReadme(values) },
    { path: `${CHART}/values.yaml`, content: () => valuesYaml(values) },
    {
      path: `${CHART}/values.schema.json`,
      content: () => `${JSON.stringify(valuesSchema(values), null, 2)}\n`,
    },
    ...CONFIG_FILES.map((name) => copy(`config/${name}`, `${CHART}/files/config/${name}`, made)),
    ...FOLDERS.flatMap(([from, to, wanted]) =>
      namesIn(from, made)
        .filter((name) => wanted.test(name))
        .map((name) => copy(`${from}/${name}`, `${CHART}/files/${to}/${name}`, made)),
    ),
  ];
};

/** Names of the files of a folder, with those that are yet to be written. */
function namesIn(folder: string, made: readonly Output[]): readonly string[] {
  const there = existsSync(folder) ? readdirSync(folder) : [];
  const coming = made
    .filter(({ path }) => path.startsWith(`${folder}/`))
    .map(({ path }) => path.slice(folder.length + 1))
    .filter((name) => !name.includes('/'));
  return [...new Set([...there, ...coming])].sort();
}

const copy = (source: string, path: string, made: readonly Output[]): Output => ({
  path,
  content: () => {
    const current = existsSync(source) ? readFileSync(source, 'utf8') : undefined;
    return made.find((output) => output.path === source)?.content(current) ?? current ?? '';
  },
});

/** Chart.yaml with the version of package.json, which chart and program share. */
function withVersion(current: string | undefined): string {
  if (current === undefined) throw new Error('the file is missing, and only its versions are generated');
  const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { readonly version: string };
  return current
    .replace(/^version: .*$/m, `version: ${version}`)
    .replace(/^appVersion: .*$/m, `appVersion: ${version}`);
}
