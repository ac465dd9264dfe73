import { request } from 'node:http';
import { authorityOf } from '../../domain/authority.ts';
import { namespaceOf, nameOf, type Key } from '../../domain/key.ts';
import { ACTIVATOR_PROBE } from '../../domain/scale/activator-probe.ts';
import type { Keeper } from '../../domain/k8s/knative-services.ts';
import type { ActivatorClient } from '../../ports/activator-client.ts';

/** Where our activators tell how many requests they hold. */
const ADMIN_PORT = 8080;
/** By this header an activator of ours says which pod it is. */
const NAME_HEADER = 'k-hpa-bridge-activator';
/** Milliseconds for the whole question. */
const DEADLINE = 2000;
/** More than an answer to either question has. */
const MOST_BYTES = 1024;

interface Answered {
  readonly status: number;
  readonly name: string | undefined;
  readonly body: string;
}

/** Asks over HTTP/1.1, each time over a new connection: a kept one leads where requests went before. */
export class HttpActivatorClient implements ActivatorClient {
  readonly #adminPort: number;

  constructor({ adminPort = ADMIN_PORT }: { readonly adminPort?: number } = {}) {
    this.#adminPort = adminPort;
  }

  async whoAnswers(address: string, port: number): Promise<Keeper | undefined> {
    const answer = await ask(`http://${authorityOf(address, port)}/healthz`, ACTIVATOR_PROBE.headers);
    if (answer?.status !== 200 || answer.body !== ACTIVATOR_PROBE.body) return undefined;
    return answer.name === undefined ? 'knative' : 'bridge';
  }

  async inFlight(address: string, revision: Key): Promise<number | undefined> {
    const path = `/in-flight/${namespaceOf(revision)}/${nameOf(revision)}`;
    const answer = await ask(`http://${authorityOf(address, this.#adminPort)}${path}`, {});
    return answer?.status === 200 ? numberIn(answer.body) : undefined;
  }
}

function numberIn(body: string): number | undefined {
  try {
    const read: unknown = JSON.parse(body);
    if (typeof read !== 'object' || read === null || !('inFlight' in read)) return undefined;
    const { inFlight } = read;
    return typeof inFlight === 'number' && inFlight >= 0 ? inFlight : undefined;
  } catch {
    return undefined;
  }
}

/** Undefined: no answer, too long a one, or too late. */
const ask = (url: string, headers: Readonly<Record<string, string>>): Promise<Answered | undefined> =>
  new Promise((resolve) => {
    const asking = request(url, { agent: false, headers, signal: AbortSignal.timeout(DEADLINE) });
    const nothing = (): void => {
      resolve(undefined);
      asking.destroy();
    };
    asking.on('error', nothing);
    asking.on('response', (response) => {
      const name = response.headers[NAME_HEADER];
      let body = '';
      response.setEncoding('utf8');
      response.on('data', (text: string) => {
        body += text;
        if (body.length > MOST_BYTES) nothing();
      });
      response.on('error', nothing);
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          name: typeof name === 'string' && name !== '' ? name : undefined,
          body,
        }),
      );
    });
    asking.end();
  });
