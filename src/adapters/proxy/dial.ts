import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls, type ConnectionOptions } from 'node:tls';

/** Where to. */
export interface Address {
  readonly host: string;
  readonly port: number;
  /** Undefined: without TLS. */
  readonly tls: ConnectionOptions | undefined;
}

/** Is told the socket, or why there is none; once. */
export type Dialled = (
  ...result: [error: Error, socket: undefined] | [error: undefined, socket: Socket]
) => void;

/**
 * A lost SYN is sent again by the kernel after a second, which is long for a pod whose network has just come up: each attempt waits a
 * little longer than the last, and only time is a reason for another (knative.dev/pkg: network/transports.go). Milliseconds.
 */
const FIRST_WAIT = 50;
const LONGER = 1.4;
const ATTEMPTS = 15;

/** Connects. Refusals are told at once; somebody who does not answer for 19 s does not. What is returned gives it up, untold. */
export function dial(address: Address, done: Dialled): () => void {
  let giveUp: () => void;
  const attempt = (before: number): void => {
    const socket = open(address);
    let check: NodeJS.Immediate | undefined;
    const answered = (): void => {
      clearTimeout(wait);
      clearImmediate(check);
    };
    const leave = (): void => {
      answered();
      socket.removeAllListeners();
      socket.on('error', ignored).destroy();
    };
    const late = (): void => {
      leave();
      if (before + 1 < ATTEMPTS) attempt(before + 1);
      else done(new Error(`no connection to ${address.host} within 19 s`), undefined);
    };
    // In a busy process a connection may be there that nobody has had the time to notice: that is looked at first.
    const wait = setTimeout(() => (check = setImmediate(late)), FIRST_WAIT * LONGER ** before);
    const refused = (error: Error): void => {
      answered();
      giveUp = ignored;
      done(error, undefined);
    };
    // Only the connection is timed: a handshake takes what it takes.
    socket.once('connect', answered);
    socket.once('error', refused);
    socket.once(address.tls === undefined ? 'connect' : 'secureConnect', () => {
      socket.off('error', refused);
      giveUp = ignored;
      done(undefined, socket);
    });
    giveUp = leave;
  };
  attempt(0);
  return () => giveUp();
}

const ignored = (): void => undefined;

function open({ host, port, tls }: Address): Socket {
  const options = { host, port, noDelay: true, keepAlive: true, keepAliveInitialDelay: 30_000 };
  return tls === undefined ? connectTcp(options) : connectTls({ ...options, ...tls });
}
