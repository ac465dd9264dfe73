import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { request } from 'undici';
import type { Target } from './clients.ts';

const HOST = '127.0.0.1';

/** What a gateway does with a request before it ends the answer. */
type Deed = (toApp: () => Promise<void>, answer: ServerResponse) => Promise<void> | undefined;

/** A sound gateway is one of them: what it does is to be found in order. */
export const DEEDS = {
  passes: (toApp) => toApp(),
  repeats: (toApp) => toApp().then(toApp),
  swallows: (_toApp, answer) => void answer.destroy(),
  refuses: (_toApp, answer) => void answer.writeHead(503),
  'makes-up': () => undefined,
} as const satisfies Record<string, Deed>;

/** A gateway in front of a revision, which does the same with every request. */
export class Gateway implements AsyncDisposable {
  /** The revision, as it is reached through the gateway. */
  readonly target: Target;
  readonly #server: Server;

  private constructor(target: Target, server: Server) {
    this.target = target;
    this.#server = server;
  }

  static async before(target: Target, deed: Deed): Promise<Gateway> {
    const server = createServer((asked, answer) => {
      void Promise.resolve(deed(() => passOn(asked, target), answer)).then(() => answer.end());
    });
    await once(server.listen(0, HOST), 'listening');
    const { port } = server.address() as AddressInfo;
    return new Gateway({ ...target, clusterIP: `${HOST}:${port}` }, server);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }
}

/** The body stays behind: apps do not look at it. */
async function passOn(
  { url = '/' }: IncomingMessage,
  { namespace, revision, clusterIP }: Target,
): Promise<void> {
  const headers = { 'knative-serving-namespace': namespace, 'knative-serving-revision': revision };
  const { body } = await request(`http://${clusterIP}${url}`, { headers });
  await body.dump();
}
