import type { AddressInfo, Server } from 'node:net';
import { cannotListen, codeIn } from '../http/cannot-listen.ts';

/** Connections that the kernel keeps until they are accepted: a burst at zero comes at once. */
const BACKLOG = 4096;
/** Where the kernel lets several sockets have one port. */
const SHARED = process.platform === 'linux';
/**
 * An event loop accepts one connection of a socket in each of its turns: with turns of some milliseconds, hundreds of new ones would wait for
 * seconds while those that are there are served. So a port has several sockets, among which the kernel shares out what comes.
 */
const SOCKETS = SHARED ? 8 : 1;

/** Servers on one port. */
export interface Listening {
  readonly port: number;
  readonly servers: readonly Server[];
}

/** Listens; `::` falls back to IPv4 where there is no IPv6. Rejects with one sentence. */
export async function listenOn(make: () => Server, address: string, port: number): Promise<Listening> {
  const servers: Server[] = [];
  let bound = port;
  while (servers.length < SOCKETS) {
    const server = make();
    try {
      await listen(server, address, bound);
    } catch (thrown) {
      for (const each of servers) each.close();
      const code = codeIn(thrown);
      if (address === '::' && (code === 'EAFNOSUPPORT' || code === 'EADDRNOTAVAIL'))
        return await listenOn(make, '0.0.0.0', port);
      throw cannotListen(address, port, thrown);
    }
    bound = (server.address() as AddressInfo).port;
    servers.push(server);
  }
  return { port: bound, servers };
}

const listen = (server: Server, host: string, port: number): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ port, host, backlog: BACKLOG, reusePort: SHARED }, () => {
      server.off('error', reject);
      resolve();
    });
  });
