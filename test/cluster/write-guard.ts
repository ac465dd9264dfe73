import { createServer, request, type Server } from 'node:https';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';
import type { AddressInfo } from 'node:net';
import { selfSigned } from '../doubles/certificate.ts';
import type { Api } from './api.ts';
import type { PodAutoscaler } from './kinds.ts';

/** When a write is stopped: the API server never hears of it, or has done it and its answer never arrives. */
export const MOMENTS = ['before', 'after'] as const;
type Moment = (typeof MOMENTS)[number];

interface Place {
  /** What it says: `replicas 0`, for example. */
  readonly write: string;
  readonly moment: Moment;
}

interface Trap extends Place {
  readonly sprung: () => void;
}

const WRITES: readonly (string | undefined)[] = ['POST', 'PUT', 'PATCH', 'DELETE'];

/** What a write to each of the objects of a revision says, as far as its life goes. */
const WORDS: Readonly<Record<string, (body: string) => string>> = {
  endpoints: () => 'Endpoints',
  'deployments/scale': (body) => {
    const { spec } = JSON.parse(body) as { readonly spec: { readonly replicas: number } };
    return `replicas ${spec.replicas}`;
  },
  'podautoscalers/status': (body) => {
    const { status } = JSON.parse(body) as Pick<PodAutoscaler, 'status'>;
    const active = status?.conditions?.find(({ type }) => type === 'Active');
    return `Active=${active?.status}, ${status?.actualScale} pods`;
  },
};

/** `/api/v1/namespaces/team/endpoints/shop-00001`: kind of object with its sub-resource, and the revision that it is of. */
const OBJECT = /\/namespaces\/([^/]+)\/([^/]+)\/([^/?]+?)(?:-deployment)?(\/\w+)?(?:\?|$)/;

/** Passes an answer on as it comes: a watch never ends, and may have nothing to tell for long. */
function reply(outgoing: ServerResponse, answer: IncomingMessage): void {
  outgoing.writeHead(answer.statusCode ?? 500, answer.headers);
  outgoing.flushHeaders();
  outgoing.once('close', () => answer.destroy());
  answer.pipe(outgoing);
}

/**
 * Stands before the API server, and can stop whoever writes through it exactly before or after a write about one revision: from then on
 * nothing of them arrives, as if they had ended there. Whoever set the trap ends them.
 */
export class WriteGuard implements AsyncDisposable {
  readonly server: string;
  /** Base64, as kubeconfigs have it. */
  readonly certificateAuthority: string;
  /** What was written about the revision, oldest first. */
  readonly writes: string[] = [];
  readonly #api: Api;
  readonly #listener: Server;
  #watched: { readonly namespace: string; readonly revision: string } | undefined;
  #trap: Trap | undefined;
  #isShut = false;

  private constructor(api: Api, listener: Server, certificate: string) {
    this.#api = api;
    this.#listener = listener;
    const { port } = listener.address() as AddressInfo;
    this.server = `https://127.0.0.1:${port}`;
    this.certificateAuthority = Buffer.from(certificate).toString('base64');
    listener.on('request', (incoming: IncomingMessage, outgoing: ServerResponse) => {
      this.#pass(incoming, outgoing).catch((thrown: unknown) => outgoing.destroy(thrown as Error));
    });
  }

  static async before(api: Api): Promise<WriteGuard> {
    const { key, cert } = selfSigned('write-guard');
    const listener = createServer({ key, cert });
    await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
    return new WriteGuard(api, listener, cert);
  }

  /** From now on writes about this revision are noted. */
  watch(namespace: string, revision: string): void {
    this.#watched = { namespace, revision };
  }

  /** Resolves at the next write that says this, when whoever makes it is stopped. */
  stopAt(place: Place): Promise<void> {
    return new Promise((sprung) => {
      this.#trap = { ...place, sprung };
    });
  }

  /** Those that were stopped have ended; others may write. */
  open(): void {
    this.#isShut = false;
  }

  async #pass(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    if (!WRITES.includes(incoming.method)) {
      reply(outgoing, await this.#send(incoming));
      return;
    }
    const body = await buffer(incoming);
    if (this.#isShut) return;
    const trap = this.#sprungBy(incoming.url ?? '', body.toString());
    if (trap?.moment === 'before') {
      trap.sprung();
      return;
    }
    const answer = await this.#send(incoming, body);
    if (trap === undefined) {
      reply(outgoing, answer);
      return;
    }
    await buffer(answer);
    trap.sprung();
  }

  /** Notes what a write says, and shuts the guard if it is the one that is waited for. */
  #sprungBy(url: string, body: string): Trap | undefined {
    const [, namespace, kind = '', revision, sub = ''] = OBJECT.exec(url) ?? [];
    const says = WORDS[`${kind}${sub}`];
    const watched = this.#watched;
    if (says === undefined || namespace !== watched?.namespace || revision !== watched?.revision)
      return undefined;
    const write = says(body);
    this.writes.push(write);
    const trap = this.#trap;
    if (trap?.write !== write) return undefined;
    this.#trap = undefined;
    this.#isShut = true;
    return trap;
  }

  #send({ method, url = '', headers }: IncomingMessage, body?: Buffer): Promise<IncomingMessage> {
    return new Promise((resolve, reject) => {
      const ca = Buffer.from(this.#api.certificateAuthority, 'base64');
      const passed = request(`${this.#api.server}${url}`, { method, headers, ca }, resolve);
      passed.once('error', reject);
      passed.end(body);
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#listener.closeAllConnections();
    await new Promise((resolve) => this.#listener.close(resolve));
  }
}
