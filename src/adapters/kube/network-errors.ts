import type { Fault } from '../../domain/fault.ts';

/** What a socket, the resolver, TLS or undici calls it, and what we say. `%` stands for host and port. */
const SAYS: Readonly<Record<string, string>> = {
  ECONNREFUSED: '% refused the connection: nothing listens there',
  ECONNRESET: '% closed the connection before the answer was complete',
  EPIPE: '% closed the connection before the request was sent',
  UND_ERR_SOCKET: '% closed the connection before the answer was complete',
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: '% closed the connection before the answer was complete',
  ENOTFOUND: 'the name in % cannot be resolved',
  EAI_AGAIN: 'the name in % cannot be resolved now, DNS does not answer',
  EHOSTUNREACH: 'there is no route to %',
  ENETUNREACH: 'there is no route to %',
  ETIMEDOUT: '% did not take the connection in time',
  UND_ERR_CONNECT_TIMEOUT: '% did not take the connection in time',
  UND_ERR_HEADERS_TIMEOUT: '% took the request and did not begin to answer in time',
  UND_ERR_BODY_TIMEOUT: '% fell silent in the middle of an answer',
  UND_ERR_ABORTED: 'the request was given up',
  UND_ERR_CLOSED: 'the connection to % is closed on our side',
  UND_ERR_DESTROYED: 'the connection to % is closed on our side',
  CERT_HAS_EXPIRED: 'TLS with % failed, its certificate has expired',
  CERT_NOT_YET_VALID: 'TLS with % failed, its certificate is not valid yet (compare the clocks)',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'TLS with % failed, its certificate is self-signed and not our CA',
  SELF_SIGNED_CERT_IN_CHAIN: 'TLS with % failed, its certificate is signed by another CA than ours',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'TLS with % failed, its certificate is signed by another CA than ours',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'TLS with % failed, its certificate is signed by another CA than ours',
  CERT_SIGNATURE_FAILURE: 'TLS with % failed, its certificate is signed by another CA than ours',
  ERR_TLS_CERT_ALTNAME_INVALID: 'TLS with % failed, its certificate is for another name',
  EPROTO: 'TLS with % failed, it does not speak TLS there or refused our client certificate',
};

/** The code of an error, or of the first one inside: several addresses of one name fail as an AggregateError, wrapped errors as a cause. */
export function codeOfError(error: unknown): string {
  // By shape, not by class: an error may come from another realm or another copy of a package.
  if (typeof error !== 'object' || error === null) return '';
  if ('code' in error && typeof error.code === 'string') return error.code;
  if ('errors' in error && Array.isArray(error.errors)) return codeOfError(error.errors[0]);
  return 'cause' in error ? codeOfError(error.cause) : '';
}

/** True when the two sides could not agree on who they are: certificates may have been replaced. */
export const isTlsError = (code: string): boolean =>
  (SAYS[code] ?? '').startsWith('TLS') || code.startsWith('ERR_SSL_') || code.startsWith('ERR_TLS_');

/** What a failure below HTTP is, as the end of a sentence without its full stop. `host` is host and port of the server. */
export const sayingOf = (error: unknown, host: string): string =>
  sayingOfCode(codeOfError(error)).replace('%', host);

function sayingOfCode(code: string): string {
  const known = SAYS[code];
  if (known !== undefined) return known;
  if (isTlsError(code)) return `TLS with % failed (${code})`;
  // Not the error's own message: it may quote headers.
  return code === '' ? 'the connection to % failed' : `the connection to % failed (${code})`;
}

/** A failure below HTTP, as a fault. `host` is host and port of the API server. */
export const faultOfNetwork = (error: unknown, host: string, asked: string): Fault => ({
  code: 'api_unavailable',
  message: `The API server cannot be asked to ${asked}: ${sayingOf(error, host)}.`,
});
