import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';

/** What queue-proxies answer to activators that ask whether their pods serve. */
const PROBE = 'k-network-probe';
/** Where queue-proxy takes requests. */
const PORT = 8012;

let next = 0;
/** A loopback address that nobody else has: test files run side by side, and all pods of the world listen on one port. */
export const podAddress = (): string => {
  next += 1;
  return `127.${100 + (process.pid % 100)}.${Math.floor(process.pid / 100) % 250}.${next}`;
};

/** A pod: what its queue-proxy answers on its own address. */
export class PodServer implements AsyncDisposable {
  readonly address: string;
  readonly #server: Server;
  /** What it says to probes; undefined: it serves. */
  probeStatus: number | undefined;
  /** Requests that it has now, and the most that it has had at a time. */
  inFlight = 0;
  most = 0;
  served = 0;
  probed = 0;
  /** Answers only when this is let go. */
  hold: Promise<void> | undefined;

  private constructor(address: string) {
    this.address = address;
    this.#server = createServer((request, response) => void this.#answer(request, response));
  }

  static async start(address = podAddress()): Promise<PodServer> {
    const pod = new PodServer(address);
    await new Promise<void>((resolve, reject) => {
      pod.#server.once('error', reject);
      pod.#server.listen(PORT, address, resolve);
    });
    return pod;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.headers[PROBE] === 'queue') {
      this.probed += 1;
      response.statusCode = this.probeStatus ?? 200;
      response.end(this.probeStatus === undefined ? 'queue' : 'not yet');
      return;
    }
    this.inFlight += 1;
    this.most = Math.max(this.most, this.inFlight);
    await this.hold;
    this.inFlight -= 1;
    this.served += 1;
    response.end(`${this.address} ${request.url ?? ''}`);
  }
}
