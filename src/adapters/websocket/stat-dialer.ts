import { WebSocket } from 'ws';
import { FaultError } from '../../domain/fault.ts';
import { ms, seconds } from '../../domain/time.ts';
import type { Clock } from '../../ports/clock.ts';
import type { StatDialer, StatLink } from '../../ports/stat-dialer.ts';
import { sayingOf } from '../kube/network-errors.ts';

/** As Knative's activators have it (pkg: websocket/connection.go). */
const HANDSHAKE = seconds(3);
const PING_EVERY = ms(3300);
const PONG_WITHIN = seconds(10);
/** Bytes that may wait for a slow reader; a report that comes then is left out, the next one is newer. */
const MOST_BUFFERED = 1_000_000;

/** Connects as Knative's activators do: a WebSocket on the path `/`, without TLS, with binary messages. */
export const statDialer = (clock: Clock): StatDialer => ({
  dial: (address, signal) =>
    new Promise((resolve, reject) => {
      signal.throwIfAborted();
      const socket = new WebSocket(`ws://${address}/`, {
        handshakeTimeout: HANDSHAKE,
        perMessageDeflate: false,
        followRedirects: false,
      });
      const stop = (): void => socket.terminate();
      signal.addEventListener('abort', stop, { once: true });
      socket.once('close', () => signal.removeEventListener('abort', stop));
      socket.on('error', (error) => reject(failed(error, address)));
      socket.once('close', () => reject(failed(new Error('closed'), address)));
      socket.once('open', () => resolve(linkOf(socket, clock)));
    }),
});

function linkOf(socket: WebSocket, clock: Clock): StatLink {
  let heard = clock.monotonic();
  socket.on('pong', () => {
    heard = clock.monotonic();
  });
  // Whoever vanished without a word is found by silence.
  const watch = (): (() => void) =>
    clock.after(PING_EVERY, () => {
      if (clock.monotonic() - heard >= PONG_WITHIN) {
        socket.terminate();
        return;
      }
      socket.ping();
      cancel = watch();
    });
  let cancel = watch();
  return {
    send: (message) => {
      if (socket.readyState === WebSocket.OPEN && socket.bufferedAmount < MOST_BUFFERED) socket.send(message);
    },
    ended: new Promise((resolve) =>
      socket.once('close', () => {
        cancel();
        resolve();
      }),
    ),
    close: () => socket.close(),
  };
}

const failed = (error: Error, address: string): FaultError =>
  new FaultError({
    code: 'api_unavailable',
    message: `Requests cannot be reported to ${address}: ${sayingOf(error, address)}.`,
  });
