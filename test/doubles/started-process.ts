import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

/** A command of ours as a process of its own. */
export interface StartedProcess {
  readonly child: ChildProcess;
  /** Resolves with the first line of standard output for which this holds; rejects when the program ends first. */
  readonly line: (holds: (line: string) => boolean) => Promise<string>;
  readonly ended: Promise<{ code: number | null; said: string }>;
}

/** Starts the sources with these arguments and an empty environment, and adds the process to those that run. */
export function startProcess(running: ChildProcess[], args: readonly string[]): StartedProcess {
  const child = spawn(process.execPath, ['src/main.ts', ...args], { env: { PATH: process.env['PATH'] } });
  running.push(child);
  const lines: string[] = [];
  const waiting = new Set<() => void>();
  createInterface({ input: child.stdout }).on('line', (line) => {
    lines.push(line);
    for (const look of waiting) look();
  });
  let said = '';
  child.stderr.on('data', (text: Buffer) => (said += text.toString()));
  const ended = once(child, 'close').then(([code]) => ({ code: code as number | null, said }));
  const line = (holds: (line: string) => boolean): Promise<string> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        const found = lines.find(holds);
        if (found !== undefined) resolve(found);
      };
      waiting.add(look);
      look();
      void ended.then(({ code }) => reject(new Error(`ended with ${code}: ${said}\n${lines.join('\n')}`)));
    });
  return { child, line, ended };
}

/** The port that a line of the log says. */
export const portIn = (line: string): number => (JSON.parse(line) as { port: number }).port;

/** What became of a command of ours. */
export interface Ran {
  readonly code: number;
  readonly out: string;
  readonly said: string;
}

/** Runs the sources with these arguments and an environment that says nothing else, to the end. */
export const runToEnd = (args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ran> =>
  new Promise((resolve) => {
    execFile(
      process.execPath,
      ['src/main.ts', ...args],
      { env: { PATH: process.env['PATH'], ...env } },
      (error, out, said) => resolve({ code: error === null ? 0 : Number(error.code), out, said }),
    );
  });
