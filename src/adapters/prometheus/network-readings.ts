import type { FailedReading } from '../../domain/prometheus/answer.ts';
import type { PrometheusFault } from '../../domain/prometheus/faults.ts';
import { codeOfError, isTlsError } from '../kube/network-errors.ts';

type Row = readonly [PrometheusFault, string];

const REFUSED: Row = ['prometheus_refused', '% refuses connections: nothing listens there'];
const NO_ROUTE: Row = ['prometheus_refused', 'there is no route to %'];
const RESET: Row = ['prometheus_reset', '% cut the connection before its answer began'];
const DNS: Row = ['prometheus_dns', 'the name in % cannot be resolved'];
const TLS: Row = ['prometheus_tls', 'TLS with % failed'];
const SILENT: Row = ['prometheus_timeout', '% does not take the connection'];

const BY_CODE: Readonly<Record<string, Row>> = {
  ECONNREFUSED: REFUSED,
  EHOSTUNREACH: NO_ROUTE,
  ENETUNREACH: NO_ROUTE,
  EADDRNOTAVAIL: NO_ROUTE,
  ECONNRESET: RESET,
  EPIPE: RESET,
  HPE_INVALID_CONSTANT: ['prometheus_malformed', '% does not speak HTTP; perhaps it wants https'],
  ENOTFOUND: DNS,
  EAI_AGAIN: ['prometheus_dns', 'the name in % cannot be resolved now, DNS does not answer'],
  ETIMEDOUT: SILENT,
};

/** A failure below HTTP. `host` is host and port of the server; of the error only its code is told, for its text may quote headers. */
export function readingOfNetwork(error: unknown, host: string): FailedReading {
  const code = codeOfError(error);
  const [is, says] = BY_CODE[code] ?? other(code);
  const detail = is === 'prometheus_tls' ? ` (${code})` : '';
  return { is, message: `${says.replace('%', host)}${detail}.`.replace(/^t/, 'T') };
}

function other(code: string): Row {
  if (isTlsError(code) || code.startsWith('ERR_OSSL_')) return TLS;
  if (code.startsWith('HPE_'))
    return ['prometheus_malformed', `% does not speak HTTP as it should (${code})`];
  return ['prometheus_reset', `the connection to % failed (${/^\w{1,60}$/.test(code) ? code : 'unknown'})`];
}
