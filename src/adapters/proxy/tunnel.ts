import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { HeaderList } from '../../domain/activator/headers.ts';

/** A client's connection that is to speak another protocol. */
export interface Tunnel {
  readonly socket: Socket;
  /** What the client sent after its request. */
  readonly head: Buffer;
}

/** Tells the client that the protocol changes. The headers are those of the pod, as they are: the change is what they are about. */
export function switchProtocols(response: ServerResponse, { socket }: Tunnel, headers: HeaderList): void {
  response.detachSocket(socket);
  let head = 'HTTP/1.1 101 Switching Protocols\r\n';
  for (let at = 0; at < headers.length; at += 2) head += `${headers[at] ?? ''}: ${headers[at + 1] ?? ''}\r\n`;
  socket.write(`${head}\r\n`, 'latin1');
}

/** Who is told how it goes. */
export interface Flow {
  /** So many bytes for the client. */
  readonly carried: (bytes: number) => void;
  /** Once, when either side has ended. */
  readonly ended: () => void;
}

/** Carries bytes both ways until one of the two connections is closed, which closes the other. */
export function joinSockets({ socket: client, head }: Tunnel, pod: Duplex, { carried, ended }: Flow): void {
  let open = true;
  const end = (): void => {
    if (!open) return;
    open = false;
    client.destroySoon();
    pod.destroy();
    ended();
  };
  pod.on('error', ignored).on('close', end);
  client.on('close', end);
  pod.on('data', (chunk: Buffer) => carried(chunk.length));
  if (head.length > 0) pod.write(head);
  pod.pipe(client);
  client.pipe(pod);
}

const ignored = (): void => undefined;
