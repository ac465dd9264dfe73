import { Agent, request, type Dispatcher } from 'undici';
import { parse } from 'yaml';
import type { Json, JsonObject } from '../../../src/domain/json.ts';
import { apiVersionOf, type Resource } from '../../../src/domain/k8s/resources.ts';
import { EventStream } from './event-stream.ts';

/** An API server to hold to the contract. */
export interface KubeUnderTest {
  /** YAML text. */
  readonly kubeconfig: string;
  /** Makes the server forget older versions. Absent where that cannot be asked for. */
  readonly expireHistory?: () => Promise<void> | void;
  /** Sends bookmarks now. Absent where the server does so by itself, about once a minute. */
  readonly sendBookmarks?: () => void;
  stop(): Promise<void>;
}

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

export type Query = Readonly<Record<string, string | number | boolean>>;

export interface Ask {
  readonly query?: Query;
  readonly body?: Json | string;
  readonly type?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Reply {
  readonly code: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
  /** The body, when it is a JSON object; else empty. */
  readonly body: Body;
}

/** Any object of the API, loosely: what a case looks at is asserted by the case. */
export interface Body extends JsonObject {
  readonly kind?: string;
  readonly reason?: string;
  readonly message?: string;
  readonly metadata: Metadata;
  readonly items: readonly Body[];
  readonly spec: JsonObject;
  readonly status: Json;
  readonly details: JsonObject & { readonly causes?: readonly JsonObject[] };
  readonly data: Readonly<Record<string, string>>;
}
export interface Metadata extends JsonObject {
  readonly name: string;
  readonly namespace: string;
  readonly uid: string;
  readonly resourceVersion: string;
  readonly generation: number;
  readonly continue?: string;
  readonly remainingItemCount?: number;
  readonly deletionTimestamp?: string;
  readonly managedFields: readonly ManagedFields[];
  readonly ownerReferences?: readonly JsonObject[];
}

export interface ManagedFields extends JsonObject {
  readonly manager: string;
  readonly operation: string;
  readonly subresource?: string;
  readonly fieldsV1: JsonObject;
}

export const PATCH = {
  apply: 'application/apply-patch+yaml',
  merge: 'application/merge-patch+json',
  json: 'application/json-patch+json',
  strategic: 'application/strategic-merge-patch+json',
} as const;

const decoded = (text: string | undefined): string | undefined =>
  text === undefined ? undefined : Buffer.from(text, 'base64').toString('utf8');

/** Raw HTTP to an API server. */
export class Kube {
  readonly #server: string;
  readonly #agent: Agent;
  readonly #headers: Readonly<Record<string, string>>;
  readonly underTest: KubeUnderTest;

  constructor(underTest: KubeUnderTest) {
    this.underTest = underTest;
    const read = parse(underTest.kubeconfig) as Kubeconfig;
    const { server, 'certificate-authority-data': authority } = read.clusters[0]!.cluster;
    const { token, 'client-certificate-data': certificate, 'client-key-data': key } = read.users[0]!.user;
    const ca = decoded(authority);
    const cert = decoded(certificate);
    this.#server = server;
    this.#agent = new Agent({
      bodyTimeout: 0,
      connect: {
        ...(ca === undefined ? {} : { ca }),
        ...(cert === undefined ? {} : { cert, key: decoded(key)! }),
      },
    });
    this.#headers = {
      'user-agent': 'contract/1.0',
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    };
  }

  async call(method: Dispatcher.HttpMethod, path: string, ask: Ask = {}): Promise<Reply> {
    const { statusCode, headers, body } = await request(this.#server + path + queryText(ask.query), {
      method,
      dispatcher: this.#agent,
      headers: {
        ...this.#headers,
        ...(ask.body === undefined ? {} : { 'content-type': ask.type ?? 'application/json' }),
        ...ask.headers,
      },
      ...(ask.body === undefined
        ? {}
        : { body: typeof ask.body === 'string' ? ask.body : JSON.stringify(ask.body) }),
    });
    const text = await body.text();
    return { code: statusCode, headers, text, body: readJson(text) };
  }

  get = (path: string, query?: Query): Promise<Reply> =>
    this.call('GET', path, query === undefined ? {} : { query });
  post = (path: string, body: Json, query: Query = {}): Promise<Reply> =>
    this.call('POST', path, { body, query });
  put = (path: string, body: Json): Promise<Reply> => this.call('PUT', path, { body });
  remove = (path: string, body?: Json): Promise<Reply> =>
    this.call('DELETE', path, body === undefined ? {} : { body });
  merge = (path: string, body: Json, query: Query = {}): Promise<Reply> =>
    this.call('PATCH', path, { body, query, type: PATCH.merge });
  apply = (path: string, fieldManager: string, body: Json, query: Query = {}): Promise<Reply> =>
    this.call('PATCH', path, { body, query: { fieldManager, ...query }, type: PATCH.apply });

  /** Opens a watch; the caller closes it. */
  async watch(
    path: string,
    query: Query = {},
    headers: Readonly<Record<string, string>> = {},
  ): Promise<EventStream> {
    const stop = new AbortController();
    const { statusCode, body } = await request(this.#server + path + queryText({ watch: 1, ...query }), {
      dispatcher: this.#agent,
      headers: { ...this.#headers, ...headers },
      signal: stop.signal,
    });
    return new EventStream(statusCode, body, stop);
  }

  close(): Promise<void> {
    return this.#agent.destroy();
  }
}

const queryText = (query: Query = {}): string => {
  const text = new URLSearchParams(
    Object.entries(query).map(([key, value]) => [key, String(value)]),
  ).toString();
  return text === '' ? '' : `?${text}`;
};

function readJson(text: string): Body {
  try {
    return JSON.parse(text) as Body;
  } catch {
    return {} as Body;
  }
}

/** `/api/v1/namespaces/NS/PLURAL`, or over all namespaces. */
export function collection(resource: Resource, namespace?: string): string {
  const root = resource.group === '' ? `/api/${resource.version}` : `/apis/${apiVersionOf(resource)}`;
  return namespace === undefined
    ? `${root}/${resource.plural}`
    : `${root}/namespaces/${namespace}/${resource.plural}`;
}

/** Asks again until the answer is good; the last answer is what a failing expectation then shows. */
export async function eventually<T>(ask: () => Promise<T>, good: (answer: T) => boolean): Promise<T> {
  let answer = await ask();
  for (let tries = 0; tries < 400 && !good(answer); tries++) {
    await new Promise((resolve) => setTimeout(resolve, 25));
    answer = await ask();
  }
  return answer;
}
