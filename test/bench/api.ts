import { readFileSync } from 'node:fs';
import { Agent, request } from 'undici';
import { parse } from 'yaml';
import type { KubeObject } from '../../src/domain/k8s/meta.ts';

interface Kubeconfig {
  readonly clusters: readonly {
    readonly cluster: { readonly server: string; readonly 'certificate-authority-data'?: string };
  }[];
  readonly users: readonly {
    readonly user: {
      readonly token?: string;
      readonly 'client-certificate-data'?: string;
      readonly 'client-key-data'?: string;
    };
  }[];
}

const decoded = (text: string | undefined): string | undefined =>
  text === undefined ? undefined : Buffer.from(text, 'base64').toString('utf8');

/** The few requests that a bench makes, over kept connections. */
export class Api {
  readonly #server: string;
  readonly #agent: Agent;
  readonly #headers: Readonly<Record<string, string>>;

  constructor(kubeconfig: string) {
    const read = parse(readFileSync(kubeconfig, 'utf8')) as Kubeconfig;
    const cluster = read.clusters[0]!.cluster;
    const user = read.users[0]!.user;
    this.#server = cluster.server;
    const ca = decoded(cluster['certificate-authority-data']);
    const cert = decoded(user['client-certificate-data']);
    const key = decoded(user['client-key-data']);
    this.#agent = new Agent({
      connections: 48,
      bodyTimeout: 0,
      connect: { ...(ca === undefined ? {} : { ca }), ...(cert === undefined ? {} : { cert, key: key! }) },
    });
    this.#headers = user.token === undefined ? {} : { authorization: `Bearer ${user.token}` };
  }

  async text(
    method: 'GET' | 'POST' | 'PATCH',
    path: string,
    body?: object,
    { type = 'application/json', accept = 'application/json' } = {},
  ): Promise<string> {
    const answer = await request(`${this.#server}${path}`, {
      method,
      dispatcher: this.#agent,
      headers: { ...this.#headers, 'content-type': type, accept },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await answer.body.text();
    if (answer.statusCode > 299)
      throw new Error(`${method} ${path}: ${answer.statusCode} ${text.slice(0, 300)}`);
    return text;
  }

  async send(
    method: 'GET' | 'POST' | 'PATCH',
    path: string,
    body?: object,
    type?: string,
  ): Promise<KubeObject> {
    const kind = type === undefined ? {} : { type };
    return JSON.parse(await this.text(method, path, body, kind)) as KubeObject;
  }

  /** Every page of a list, as the texts that the server sent. */
  async pages(path: string, selected = '', accept = 'application/json'): Promise<readonly string[]> {
    const texts: string[] = [];
    let next: string | undefined = '';
    while (next !== undefined) {
      const text = await this.text(
        'GET',
        `${path}?limit=200${selected}${next === '' ? '' : `&continue=${encodeURIComponent(next)}`}`,
        undefined,
        { accept },
      );
      texts.push(text);
      next = /"continue":"([^"]+)"/.exec(text.slice(0, 2000))?.[1];
    }
    return texts;
  }

  /** Calls `on` for each object as it is now and as it changes, until the signal aborts. */
  async watch(path: string, on: (object: KubeObject) => void, signal: AbortSignal): Promise<void> {
    const answer = await request(`${this.#server}${path}?watch=1&resourceVersion=0&timeoutSeconds=3600`, {
      dispatcher: this.#agent,
      headers: this.#headers,
      headersTimeout: 0,
      signal,
    });
    let rest = '';
    try {
      for await (const chunk of answer.body) {
        const lines = (rest + String(chunk)).split('\n');
        rest = lines.pop() ?? '';
        for (const line of lines) on((JSON.parse(line) as { readonly object: KubeObject }).object);
      }
    } catch (thrown) {
      if (!signal.aborted) throw thrown;
    }
  }

  close(): Promise<void> {
    return this.#agent.destroy();
  }
}

/** Runs the tasks, at most `width` at a time. */
export async function inParallel<T>(
  items: readonly T[],
  width: number,
  task: (item: T) => Promise<unknown>,
): Promise<void> {
  const queue = items.values();
  await Promise.all(
    Array.from({ length: width }, async () => {
      for (const item of queue) await task(item);
    }),
  );
}
