import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { staleOutputs, write } from '../../tools/gen/generate.ts';
import { withExample } from '../../tools/gen/configmap.ts';
import { code, table } from '../../tools/gen/markdown.ts';
import { OUTPUTS } from '../../tools/gen/outputs.ts';

test.each(OUTPUTS)('$path says what the tables say (npm run gen)', (output) => {
  expect(staleOutputs('.', [output])).toEqual([]);
});

describe('generating', () => {
  test('names what is stale, writes it, and then nothing is stale', () => {
    const folder = mkdtempSync(join(tmpdir(), 'gen-'));
    const outputs = [{ path: 'docs/a.md', content: () => 'new\n' }];
    try {
      const stale = staleOutputs(folder, outputs);
      expect(stale).toEqual([{ path: 'docs/a.md', content: 'new\n' }]);
      write(folder, stale);
      expect(readFileSync(join(folder, 'docs/a.md'), 'utf8')).toBe('new\n');
      expect(staleOutputs(folder, outputs)).toEqual([]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test('a manifest without an example is refused by name', () => {
    const outputs = [{ path: 'package.json', content: () => withExample('data: {}\n') }];
    expect(() => staleOutputs('.', outputs)).toThrow('package.json: expected data._example as a block');
  });

  test('the example replaces the old one and leaves the rest', () => {
    const manifest = 'kind: ConfigMap\ndata:\n  _example: |\n    # old\n\n    old: "1"\n  backend: hpa\n';
    const made = parse(withExample(manifest)) as { kind: string; data: Record<string, string> };
    expect(made.kind).toBe('ConfigMap');
    expect(made.data['backend']).toBe('hpa');
    expect(Object.keys(parse(made.data['_example'] ?? '') as object)).toContain('signal-without-metric');
  });
});

describe('tables', () => {
  test('a bar or a line break stays in its cell', () => {
    expect(table(['a'], [['x | y\nz']])).toBe('| a |\n| --- |\n| x \\| y z |');
  });
  test('code with backticks is fenced by more of them', () => {
    expect(code('a`b')).toBe('`` a`b ``');
    expect(code('a')).toBe('`a`');
  });
});
