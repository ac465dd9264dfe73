import type { Writable } from 'node:stream';

/**
 * Writes messages of which each makes the earlier ones obsolete: while the reader is slow only the newest waits, so that a client that
 * does not read costs no memory.
 */
export function newestOnly(stream: Writable): (message: object) => void {
  let waiting: object | undefined;
  let full = false;
  const send = (message: object): void => {
    if (full) waiting = message;
    else full = !stream.write(message);
  };
  stream.on('drain', () => {
    full = false;
    const message = waiting;
    waiting = undefined;
    if (message !== undefined) send(message);
  });
  return send;
}
