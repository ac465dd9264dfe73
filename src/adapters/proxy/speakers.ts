import type { Socket } from 'node:net';

/** What an HTTP/2 client sends first (RFC 9113, 3.4). */
const PREFACE = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 'latin1');
/** As long as Go's server waits for the first head. Milliseconds. */
const SILENCE = 60_000;

/** Who takes a connection over, by what its client speaks. */
export interface Speakers {
  readonly http1: (socket: Socket) => void;
  readonly http2: (socket: Socket) => void;
}

/** Listens to the first bytes of a connection and hands it over as if nobody had. Who says nothing for a minute is hung up on. */
export function handOver(socket: Socket, speakers: Speakers): void {
  let heard: Buffer | undefined;
  const hear = (chunk: Buffer): void => {
    heard = heard === undefined ? chunk : Buffer.concat([heard, chunk]);
    const length = Math.min(heard.length, PREFACE.length);
    const alike = PREFACE.compare(heard, 0, length, 0, length) === 0;
    if (alike && length < PREFACE.length) return;
    stop();
    socket.pause();
    socket.unshift(heard);
    // An HTTP/2 session reads what is there by itself; to HTTP/1 it has to flow.
    if (alike) speakers.http2(socket);
    else {
      speakers.http1(socket);
      socket.resume();
    }
  };
  const hangUp = (): void => {
    socket.destroy();
  };
  const stop = (): void => {
    socket.setTimeout(0);
    socket.off('data', hear).off('timeout', hangUp).off('end', hangUp).off('error', hangUp);
  };
  socket.setTimeout(SILENCE);
  socket.on('data', hear).on('timeout', hangUp).on('end', hangUp).on('error', hangUp);
}
