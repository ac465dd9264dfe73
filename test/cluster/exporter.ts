import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { api } from './lab.ts';

/** A Prometheus exporter in the test's own process, which pods can reach: it says what the test sets. */
export class Exporter implements AsyncDisposable {
  readonly #server: Server;
  readonly #series = new Map<string, number>();

  private constructor() {
    this.#server = createServer((_request, response) => {
      response.setHeader('content-type', 'text/plain; version=0.0.4');
      response.end([...this.#series].map(([series, value]) => `${series} ${value}\n`).join(''));
    });
  }

  static async start(): Promise<Exporter> {
    const exporter = new Exporter();
    // Where the API server listens, pods can reach us, too.
    const { hostname } = new URL(api.server);
    await new Promise<void>((resolve) => exporter.#server.listen(0, hostname, resolve));
    return exporter;
  }

  /** `host:port`, as a scrape configuration has it. */
  get target(): string {
    const { address, port } = this.#server.address() as AddressInfo;
    return `${address}:${port}`;
  }

  /** `name{label="value"}` has this value from now on; undefined: the series is gone. */
  set(series: string, value: number | undefined): void {
    if (value === undefined) this.#series.delete(series);
    else this.#series.set(series, value);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
