import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { Agent, request, type Dispatcher } from 'undici';
import { parse } from 'yaml';
import { apiVersionOf } from '../../src/domain/k8s/resources.ts';
import type { Kind, Live } from './kinds.ts';

/** An answer that is not a success. */
export class ApiError extends Error {
  readonly code: number;
  constructor(what: string, code: number, text: string) {
    super(`${what}: ${code} ${text.slice(0, 600)}`);
    this.code = code;
  }
}

/** For how long a request is repeated that met a server which is busy, or just starting. */
const PATIENCE = 30_000;

/** No connection, a server that says "later", or a webhook that does not answer: not what a case is about. */
const isPassing = (thrown: unknown): boolean =>
  thrown instanceof ApiError
    ? [429, 503, 504].includes(thrown.code) || thrown.message.includes('failed calling webhook')
    : thrown instanceof Error && 'code' in thrown;

interface Kubeconfig {
  readonly clusters: readonly {
    readonly cluster: { readonly server: string; readonly 'certificate-authority-data': string };
  }[];
  readonly users: readonly {
    readonly user: { readonly 'client-certificate-data': string; readonly 'client-key-data': string };
  }[];
}

const decoded = (text: string): string => Buffer.from(text, 'base64').toString();

/** A place in the API: `name` absent for a list. */
interface Place {
  readonly kind: Kind;
  readonly namespace?: string | undefined;
  readonly name?: string;
  readonly sub?: string;
}

const pathOf = ({ kind, namespace, name, sub }: Place): string =>
  [
    kind.group === '' ? '/api' : '/apis',
    ...(kind.group === '' ? [] : [kind.group]),
    kind.version,
    ...(namespace === undefined || kind.cluster === true ? [] : ['namespaces', namespace]),
    kind.plural,
    ...(name === undefined ? [] : [name]),
    ...(sub === undefined ? [] : [sub]),
  ].join('/');

/** A manifest as a test writes it; `apply` adds apiVersion and kind. */
export interface Manifest {
  readonly metadata: { readonly name: string; readonly namespace?: string } & Readonly<
    Record<string, unknown>
  >;
  readonly [field: string]: unknown;
}

/** The administrator of the lab: small, typed, and without a cache, so that a test sees what the API server has. */
export class Api {
  readonly server: string;
  readonly certificateAuthority: string;
  readonly #agent: Agent;

  constructor(kubeconfigPath: string) {
    const config = parse(readFileSync(kubeconfigPath, 'utf8')) as Kubeconfig;
    const { cluster } = config.clusters[0]!;
    const { user } = config.users[0]!;
    this.server = cluster.server;
    this.certificateAuthority = cluster['certificate-authority-data'];
    this.#agent = new Agent({
      keepAliveTimeout: 5000,
      connect: {
        ca: decoded(cluster['certificate-authority-data']),
        cert: decoded(user['client-certificate-data']),
        key: decoded(user['client-key-data']),
      },
    });
  }

  async send(
    method: Dispatcher.HttpMethod,
    path: string,
    body?: unknown,
    type = 'application/json',
  ): Promise<unknown> {
    const end = performance.now() + PATIENCE;
    for (;;) {
      try {
        return await this.#sendOnce(method, path, body, type);
      } catch (thrown) {
        if (!isPassing(thrown) || performance.now() > end) throw thrown;
      }
      await sleep(500);
    }
  }

  async #sendOnce(
    method: Dispatcher.HttpMethod,
    path: string,
    body: unknown,
    type: string,
  ): Promise<unknown> {
    const answer = await request(`${this.server}${path}`, {
      method,
      dispatcher: this.#agent,
      headers: body === undefined ? {} : { 'content-type': type },
      body: body === undefined ? null : JSON.stringify(body),
    });
    const text = await answer.body.text();
    if (answer.statusCode > 299) throw new ApiError(`${method} ${path}`, answer.statusCode, text);
    return JSON.parse(text);
  }

  async get<T extends Live>(kind: Kind<T>, namespace: string | undefined, name: string): Promise<T> {
    return (await this.send('GET', pathOf({ kind, namespace, name }))) as T;
  }

  /** As `get`, undefined when there is none (or no such kind). */
  async find<T extends Live>(
    kind: Kind<T>,
    namespace: string | undefined,
    name: string,
  ): Promise<T | undefined> {
    try {
      return await this.get(kind, namespace, name);
    } catch (thrown) {
      if (thrown instanceof ApiError && thrown.code === 404) return undefined;
      throw thrown;
    }
  }

  async list<T extends Live>(kind: Kind<T>, namespace?: string, query = ''): Promise<readonly T[]> {
    const answer = await this.send('GET', `${pathOf({ kind, namespace })}${query}`);
    return (answer as { readonly items: readonly T[] }).items;
  }

  /** Server-side apply as field manager `test`. */
  async apply<T extends Live>(kind: Kind<T>, object: Manifest): Promise<T> {
    const { namespace, name } = object.metadata;
    const path = `${pathOf({ kind, namespace, name })}?fieldManager=test&force=true`;
    const whole = { ...object, apiVersion: apiVersionOf(kind), kind: kind.kind };
    return (await this.send('PATCH', path, whole, 'application/apply-patch+yaml')) as T;
  }

  /** A JSON merge patch; `null` removes a field. */
  async patch(kind: Kind, namespace: string | undefined, name: string, body: unknown): Promise<unknown> {
    return this.send('PATCH', pathOf({ kind, namespace, name }), body, 'application/merge-patch+json');
  }

  /** Deletes; an object that is gone already is no mistake. */
  async remove(kind: Kind, namespace: string | undefined, name: string): Promise<void> {
    try {
      await this.send('DELETE', pathOf({ kind, namespace, name }));
    } catch (thrown) {
      if (!(thrown instanceof ApiError && thrown.code === 404)) throw thrown;
    }
  }

  /** A token for a ServiceAccount, as a pod would get it. */
  async token(namespace: string, serviceAccount: string): Promise<string> {
    const path = `/api/v1/namespaces/${namespace}/serviceaccounts/${serviceAccount}/token`;
    const request = {
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'TokenRequest',
      spec: { expirationSeconds: 7200 },
    };
    const answer = (await this.send('POST', path, request)) as {
      readonly status: { readonly token: string };
    };
    return answer.status.token;
  }

  /** Every version of one object from now on, oldest first, until it is disposed of. */
  follow<T extends Live>(kind: Kind<T>, namespace: string, name: string): Promise<Followed<T>> {
    return this.followAll(kind, namespace, { query: `fieldSelector=metadata.name%3D${name}` });
  }

  /** As `follow`, of all objects of a namespace, or of those that the query selects; each new version is `seen` when it comes. */
  async followAll<T extends Live>(
    kind: Kind<T>,
    namespace: string,
    { query = '', seen }: { readonly query?: string; readonly seen?: (version: T) => void },
  ): Promise<Followed<T>> {
    const now = await this.send('GET', `${pathOf({ kind, namespace })}?${query}`);
    const { items, metadata } = now as {
      readonly items: readonly T[];
      readonly metadata: { readonly resourceVersion: string };
    };
    const versions = [...items];
    const stop = new AbortController();
    let from = metadata.resourceVersion;
    const take = (line: string): void => {
      const { type, object } = JSON.parse(line) as { readonly type: string; readonly object: T };
      if (type === 'ERROR') throw new Error(line);
      from = object.metadata.resourceVersion;
      if (type === 'BOOKMARK') return;
      versions.push(object);
      seen?.(object);
    };
    const watch = async (): Promise<void> => {
      const watched = `?watch=1&allowWatchBookmarks=1&${query}&resourceVersion=${from}`;
      const { body } = await request(`${this.server}${pathOf({ kind, namespace })}${watched}`, {
        dispatcher: this.#agent,
        signal: stop.signal,
        bodyTimeout: 0,
      });
      let rest = '';
      for await (const chunk of body.setEncoding('utf8')) {
        const lines = (rest + String(chunk)).split('\n');
        rest = lines.pop() ?? '';
        lines.forEach(take);
      }
    };
    // The server ends every watch after half an hour or more.
    const ended = (async (): Promise<void> => {
      while (!stop.signal.aborted) await watch();
    })().then(
      () => undefined,
      (thrown: unknown) => (stop.signal.aborted ? undefined : thrown),
    );
    return {
      versions,
      [Symbol.asyncDispose]: async () => {
        stop.abort();
        const broken = await ended;
        if (broken !== undefined)
          throw new Error(`following ${kind.plural} of ${namespace} broke off`, { cause: broken });
      },
    };
  }
}

export interface Followed<T> extends AsyncDisposable {
  readonly versions: readonly T[];
}

/**
 * Tries until it does not throw, every 100 ms; what it throws at the deadline is the failure. The deadline is generous: it is there so that
 * a run ends, not to judge a speed.
 */
export async function eventually<T>(attempt: () => Promise<T> | T, within = 180_000): Promise<T> {
  const end = performance.now() + within;
  for (;;) {
    try {
      return await attempt();
    } catch (thrown) {
      if (performance.now() > end) throw thrown;
    }
    await sleep(100);
  }
}
