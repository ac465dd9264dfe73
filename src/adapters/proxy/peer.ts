import type { Socket } from 'node:net';

/** The client's address; one of IPv4 is told as such, also where IPv6 listens for both. */
export const peerOf = ({ remoteAddress = '' }: Socket): string =>
  remoteAddress.startsWith('::ffff:') ? remoteAddress.slice(7) : remoteAddress;
