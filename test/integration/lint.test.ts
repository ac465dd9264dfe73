import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Line } from '../../src/adapters/env/terminal.ts';
import { parseBoot } from '../../src/domain/config/boot-reading.ts';
import { SAMPLES } from '../../src/playground/samples.ts';
import { runLint } from '../../src/processes/lint/wire.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'hpa-bridge-lint-'));
  mkdirSync(join(folder, 'below'));
  for (const { name, yaml } of SAMPLES) writeFileSync(join(folder, 'below', `${name}.yaml`), yaml);
  writeFileSync(join(folder, 'README.md'), 'kind: [');
});
afterAll(() => rmSync(folder, { recursive: true }));

const run = (args: readonly string[], input = ''): { code: number | null; out: string; said: string } => {
  const options = { encoding: 'utf8', env: { PATH: process.env['PATH'] }, input } as const;
  const { status, stdout, stderr } = spawnSync(process.execPath, ['src/main.ts', 'lint', ...args], options);
  return { code: status, out: stdout.replaceAll(folder, ''), said: stderr.replaceAll(folder, '') };
};

test('a folder: the sample with a mistake is found, the others are good', () => {
  const { code, out } = run(['-f', folder]);
  expect(code).toBe(1);
  expect(out).toMatch(
    /^\/below\/mistake\.yaml:12:70: error: .*"{{ \.revision }}".*\n3 objects, 1 error, 0 warnings\n$/,
  );
});

test('good files are code 0, several after one -f', () => {
  const files = ['query', 'cpu'].map((name) => join(folder, 'below', `${name}.yaml`));
  expect(run(['-f', ...files])).toEqual({ code: 0, out: '2 objects, 0 errors, 0 warnings\n', said: '' });
});

test('standard input, as a workflow of GitHub shows it', () => {
  const mistake = SAMPLES.find(({ name }) => name === 'mistake')?.yaml ?? '';
  const { code, out } = run(['-f', '-', '-o', 'github'], mistake);
  expect([code, out]).toEqual([1, expect.stringMatching(/^::error file=stdin,line=\d+,col=\d+::/)]);
});

describe('a command line that is wrong', () => {
  const said = async (options: Line['options']): Promise<unknown> => {
    const boot = parseBoot({ env: {}, flags: {}, hostname: 'test', unique: '1' });
    if (!boot.ok) throw new Error(boot.error.join(' '));
    const problems: string[] = [];
    const say = {
      out: (text: string) => problems.push(text),
      problem: (text: string) => problems.push(text),
    };
    const code = await runLint(boot.value, new AbortController().signal, { arguments: [], options }, say);
    return [code, ...problems];
  };

  test('is one sentence and code 2', async () => {
    const filename = ['-'];
    expect(await said({})).toEqual([2, 'hpa-bridge: expected -f FILE..., or -f - for standard input\n']);
    expect(await said({ filename, output: 'xml' })).toEqual([
      2,
      'hpa-bridge: --output "xml": must be text, json or github\n',
    ]);
    expect(await said({ filename, backend: 'knative' })).toEqual([
      2,
      'hpa-bridge: --backend "knative": must be keda or hpa\n',
    ]);
  });

  test('a file that is not there is named', async () => {
    await expect(said({ filename: [join(folder, 'none.yaml')] })).rejects.toThrow(
      `${join(folder, 'none.yaml')} cannot be read: there is no such file`,
    );
  });
});
