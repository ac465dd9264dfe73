import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { NO_STAT, type Stat } from '../../src/domain/scale/stat.ts';
import { writeStat } from '../../src/domain/scale/stat-wire.ts';

/** What a queue-proxy answers: a report, or something else altogether. */
export type Answering = Partial<Stat> | ((request: IncomingMessage, response: ServerResponse) => void);

/** The protobuf of a report. */
export const bytesOf = (stat: Partial<Stat>): Uint8Array =>
  Uint8Array.from(writeStat({ ...NO_STAT, ...stat }));

/** Servers on loopback addresses that tell requests as queue-proxies do, all on one port. */
export class QueueProxies {
  readonly port: number;
  readonly #servers = new Map<string, Server>();
  readonly #answering = new Map<string, Answering>();
  /** Requests so far, by address. */
  readonly asked = new Map<string, number>();
  /** Connections so far, by address. */
  readonly connections = new Map<string, number>();

  private constructor(port: number) {
    this.port = port;
  }

  static async start(): Promise<QueueProxies> {
    const probe = createServer();
    await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
    const { port } = probe.address() as AddressInfo;
    await new Promise((resolve) => probe.close(resolve));
    return new QueueProxies(port);
  }

  /** A pod at this address (127.0.0.2, for example) answers so from now on. */
  async answer(address: string, answering: Answering): Promise<void> {
    this.#answering.set(address, answering);
    if (this.#servers.has(address)) return;
    const server = createServer((request, response) => {
      this.asked.set(address, (this.asked.get(address) ?? 0) + 1);
      const now = this.#answering.get(address);
      if (typeof now === 'function') now(request, response);
      else
        response.setHeader('content-type', 'application/protobuf').end(bytesOf({ podName: address, ...now }));
    });
    server.on('connection', () => this.connections.set(address, (this.connections.get(address) ?? 0) + 1));
    this.#servers.set(address, server);
    await new Promise<void>((resolve) => server.listen(this.port, address, resolve));
  }

  async stop(): Promise<void> {
    await Promise.all(
      [...this.#servers.values()].map((server) => {
        server.closeAllConnections();
        return new Promise((resolve) => server.close(resolve));
      }),
    );
  }
}
