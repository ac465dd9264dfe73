import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const version = spawnSync('prometheus', ['--version'], { encoding: 'utf8' });

/** The major version of the Prometheus on PATH. Undefined where there is none: its cases are left out, but in CI that is a failure. */
export const prometheusMajor: number | undefined =
  version.status === 0 ? Number(/version (\d+)\./.exec(version.stdout + version.stderr)?.[1]) : undefined;
if (prometheusMajor === undefined && process.env['CI'] !== undefined)
  throw new Error('there is no prometheus on the PATH: tools/debian.sh prometheus installs it');

/** Longer than anything here takes on a slow machine; only a failing test waits so long. */
const PATIENCE = 20_000;

export async function until(holds: () => Promise<boolean>): Promise<void> {
  const end = Date.now() + PATIENCE;
  while (!(await holds().catch(() => false))) {
    if (Date.now() > end) throw new Error('what the test waits for does not happen');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** A port of loopback that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** Something to scrape: its text can be changed, and it can go away. */
export class Exporter {
  text: string;
  readonly #server: Server;

  private constructor(text: string) {
    this.text = text;
    this.#server = createServer((_, response) => {
      response.setHeader('content-type', 'text/plain; version=0.0.4');
      response.end(this.text);
    });
  }

  static async start(text: string): Promise<Exporter> {
    const exporter = new Exporter(text);
    exporter.#server.listen(0, '127.0.0.1');
    await once(exporter.#server, 'listening');
    return exporter;
  }

  get target(): string {
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }
}

/** A real Prometheus on loopback with a folder of its own. */
export class RealPrometheus {
  readonly url: string;
  readonly #process: ChildProcess;
  readonly #folder: string;

  private constructor(url: string, child: ChildProcess, folder: string) {
    this.url = url;
    this.#process = child;
    this.#folder = folder;
  }

  /** Scrapes the targets `every` so often, five times a second if nothing is said, and follows the rules of these files as often. Resolves when it is ready. */
  static async start(
    targets: readonly string[],
    flags: readonly string[] = [],
    every = '200ms',
    rules: readonly string[] = [],
  ): Promise<RealPrometheus> {
    const folder = mkdtempSync(join(tmpdir(), 'hpa-bridge-prometheus-'));
    const config = join(folder, 'prometheus.yml');
    const jobs = targets.map((target) => `{ targets: ['${target}'] }`).join(', ');
    writeFileSync(
      config,
      `global: { scrape_interval: ${every}, scrape_timeout: ${every}, evaluation_interval: ${every} }\nrule_files: ${JSON.stringify(rules)}\nscrape_configs: [{ job_name: test, static_configs: [${jobs}] }]\n`,
    );
    const address = `127.0.0.1:${await freePort()}`;
    const child = spawn(
      'prometheus',
      [
        `--config.file=${config}`,
        `--storage.tsdb.path=${join(folder, 'data')}`,
        `--web.listen-address=${address}`,
        ...flags,
      ],
      { stdio: 'ignore' },
    );
    const prometheus = new RealPrometheus(`http://${address}`, child, folder);
    await until(async () => (await fetch(`${prometheus.url}/-/ready`)).ok);
    return prometheus;
  }

  get pid(): number {
    return this.#process.pid!;
  }

  /** Stops its process in its tracks, or lets it go on. */
  signal(name: 'SIGSTOP' | 'SIGCONT'): void {
    this.#process.kill(name);
  }

  async stop(): Promise<void> {
    if (this.#process.exitCode === null && this.#process.signalCode === null) {
      const ended = once(this.#process, 'exit');
      this.#process.kill('SIGKILL');
      await ended;
    }
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
