import type { AddressInfo, Server } from 'node:net';
import { cannotListen, codeIn } from '../http/cannot-listen.ts';

/** Listens, and gives the port; `::` falls back to IPv4 where there is no IPv6. Rejects with one sentence. */
export async function listenOn(server: Server, address: string, port: number): Promise<number> {
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, address, BACKLOG, () => {
        server.off('error', reject);
        resolve();
      });
    });
  } catch (thrown) {
    const code = codeIn(thrown);
    if (address === '::' && (code === 'EAFNOSUPPORT' || code === 'EADDRNOTAVAIL'))
      return await listenOn(server, '0.0.0.0', port);
    throw cannotListen(address, port, thrown);
  }
  return (server.address() as AddressInfo).port;
}

/** Connections that the kernel keeps until they are accepted: a burst at zero comes at once. */
const BACKLOG = 4096;
