import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';

const run = (...args: string[]): { code: number | null; out: string; said: string } => {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['src/main.ts', ...args], {
    encoding: 'utf8',
    env: { PATH: process.env['PATH'], HPA_BRIDGE_WORKERS: 'many' },
  });
  return { code: status, out: stdout, said: stderr };
};

test('everything wrong with a command line and the environment is listed, and the code is 2', () => {
  const { code, out, said } = run('controller', '--bad', '--http-prot=1', '--http-port', '70000', 'extra');
  expect({ code, out }).toEqual({ code: 2, out: '' });
  expect(said.trimEnd().split('\n')).toEqual([
    'hpa-bridge: unknown option --bad',
    'hpa-bridge: unknown option --http-prot; did you mean --http-port?',
    'hpa-bridge: unexpected argument "extra"',
    'hpa-bridge: --http-port "70000": must be a whole number from 0 to 65535',
    'hpa-bridge: HPA_BRIDGE_WORKERS "many": must be a whole number from 1 to 256',
    'hpa-bridge: see hpa-bridge controller --help',
  ]);
});

test.each([[[]], [['contoller']], [['controller', '--http-port']]])(
  '%j is a mistake in usage: code 2',
  (args) => {
    const { code, said } = run(...args);
    expect(code).toBe(2);
    expect(said).not.toBe('');
  },
);

test('the version names the commit', () => {
  const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
  expect(run('--version')).toEqual({ code: 0, out: `hpa-bridge ${version} (sources)\n`, said: '' });
});

test('help lists the commands, and of a command its flags with default and variable', () => {
  expect(run('--help')).toMatchObject({ code: 0, out: expect.stringMatching(/controller[^]*playground/) });
  const { out } = run('controller', '--help');
  expect(out.replaceAll(/\s+/g, ' ')).toContain('(default 8080, or HPA_BRIDGE_HTTP_PORT)');
});

test('each process has the settings that are its own', () => {
  const [controller, activator] = ['controller', 'activator'].map((name) => run(name, '--help').out);
  for (const flag of ['--lame-duck', '--max-waiting', '--proxy-http-port'])
    expect([controller?.includes(flag), activator?.includes(flag)]).toEqual([false, true]);
  for (const flag of ['--lease-duration', '--workers'])
    expect([controller?.includes(flag), activator?.includes(flag)]).toEqual([true, false]);
});

test('the playground listens to flags alone: an environment meant for a cluster does not reach it', () => {
  const { code, said } = run('playground', '--http-port', 'x');
  expect(code).toBe(2);
  expect(said).not.toContain('HPA_BRIDGE_WORKERS');
});

test('completion knows every command and the words of its options', () => {
  const { code, out, said } = run('completion', 'bash');
  expect({ code, said }).toEqual({ code: 0, said: '' });
  const commands = /compgen -W '([^']*)'/.exec(out)?.[1] ?? '';
  expect(run('--help').out).toMatch(new RegExp(commands.split(' ').join('[^]*\n {2}')));
  expect(commands).toMatch(/controller.* doctor .*completion/);
  expect(out).toContain(`top:-o|top:--output) COMPREPLY=($(compgen -W 'text wide json' -- "$cur"))`);
  expect(run('completion', 'csh')).toEqual({
    code: 2,
    out: '',
    said: 'hpa-bridge: expected bash, zsh or fish, and not "csh"\n',
  });
});
