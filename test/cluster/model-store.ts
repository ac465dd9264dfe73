import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { api } from './lab.ts';

/** A store of models in the test's own process, which pods can reach: HTTP with a token, as the lab's modelfetch asks it. */
export class ModelStore implements AsyncDisposable {
  readonly #server: Server;

  private constructor(token: string, files: Readonly<Record<string, string>>) {
    this.#server = createServer((request, response) => {
      const file = files[request.url ?? ''];
      const allowed = request.headers.authorization === `Bearer ${token}`;
      response.statusCode = allowed ? (file === undefined ? 404 : 200) : 401;
      response.end(file);
    });
  }

  /** With these files by their paths. */
  static async start(token: string, files: Readonly<Record<string, string>>): Promise<ModelStore> {
    const store = new ModelStore(token, files);
    const { hostname } = new URL(api.server);
    await new Promise<void>((resolve) => store.#server.listen(0, hostname, resolve));
    return store;
  }

  get url(): string {
    const { address, port } = this.#server.address() as AddressInfo;
    return `http://${address}:${port}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
