import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { parseAllDocuments } from 'yaml';
import { readDocuments } from '../../src/adapters/yaml/documents.ts';
import { isJsonObject, type Json } from '../../src/domain/json.ts';
import { lint } from '../../src/processes/lint/lint.ts';
import { chartValues, valuesBelow } from '../../tools/gen/chart/values.ts';
import { filesUnder } from '../files.ts';

const read = (path: string): string => readFileSync(path, 'utf8');
const PAGES = ['README.md', ...filesUnder('docs', '.md')];

interface Example {
  readonly text: string;
  readonly documents: readonly Json[];
}

/** The pieces of YAML of a page; one that is no YAML fails here. */
const examplesOf = (page: string): readonly Example[] =>
  [...read(page).matchAll(/^```yaml\n(.*?)^```$/gms)].map(([, text = '']) => ({
    text,
    documents: parseAllDocuments(text).map((document) => {
      expect(document.errors).toEqual([]);
      return document.toJS() as Json;
    }),
  }));

const WITH_EXAMPLES = PAGES.filter((page) => examplesOf(page).length > 0);

/** A part of a Service that shows annotations alone. */
const HEAD = 'apiVersion: serving.knative.dev/v1\nkind: Service\nmetadata: {name: part, namespace: team}\n';
const asObject = ({ text, documents: [first] }: Example): string =>
  isJsonObject(first) && first['apiVersion'] === undefined && first['spec'] !== undefined
    ? HEAD + text
    : text;

describe.each([undefined, 'hpa', 'keda'] as const)('where the backend is %s', (backend) => {
  const asked = { classes: new Set(['hpa.autoscaling.knative.dev']), backend };
  test.each(WITH_EXAMPLES)('lint has nothing to say about the examples of %s', (page) => {
    const inputs = examplesOf(page).map((example, i) => ({
      name: `example ${i + 1}`,
      text: asObject(example),
    }));
    expect(lint(inputs, readDocuments, asked).findings).toEqual([]);
  });
});

describe('values of the chart', () => {
  const known = valuesBelow(chartValues()).map(([path]) => path);
  /** Paths of what is written, down to where it is one of the chart's values. */
  const pathsOf = (value: Json | undefined, path = ''): readonly string[] =>
    known.includes(path) || !isJsonObject(value)
      ? [path]
      : Object.entries(value).flatMap(([key, below]) => pathsOf(below, path === '' ? key : `${path}.${key}`));

  test('that examples show are known', () => {
    const shown = WITH_EXAMPLES.flatMap(examplesOf).filter(({ text }) =>
      text.startsWith('# hpa-bridge.yaml'),
    );
    expect(shown).not.toEqual([]);
    for (const { documents } of shown)
      expect(known).toEqual(expect.arrayContaining(documents.flatMap((document) => pathsOf(document))));
  });
});

/** A page, and a heading in it as links name it. */
const anchorsOf = (page: string): readonly string[] =>
  [...read(page).matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );

test.each(PAGES)('links of %s lead somewhere', (page) => {
  const base = new URL(page, 'file:///');
  const broken = [...read(page).matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, link = '']) => link)
    .filter((link) => !/^https?:/.test(link))
    .filter((link) => {
      const { pathname, hash } = new URL(link, base);
      const path = pathname.slice(1);
      return !existsSync(path) || (hash !== '' && !anchorsOf(path).includes(hash.slice(1)));
    });
  expect(broken).toEqual([]);
});

describe('docs/troubleshooting.md', () => {
  const sources = filesUnder('src', '.ts').map(read).join('\n');
  const quoted = [...read('docs/troubleshooting.md').matchAll(/"([A-Za-z][^"`]*)"/g)].map(
    ([, text = '']) => text,
  );

  test('quotes what is really said', () => {
    expect(quoted.length).toBeGreaterThan(8);
    expect(quoted.filter((text) => !sources.includes(text))).toEqual([]);
  });
});
