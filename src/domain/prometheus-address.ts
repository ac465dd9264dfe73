import { shown } from './shown.ts';

/** What a Prometheus address must be, to complete "expected ...". */
export const ADDRESS_EXPECTS =
  'an http or https URL with a host and without query, for example http://prometheus.monitoring:9090';

const ABSOLUTE = /^https?:\/\/[^/?#@\\\s]+(?:\/|$)/i;
/** What URL parsers drop or replace silently, and what would end the path that KEDA appends its own to. */
const UNCLEAN = /[\p{Cc}\s\\?#]|%(?![\da-f]{2})/iu;

/** True for an absolute http(s) URL with a host and no query, user name or password. */
export const isPrometheusAddress = (text: string): boolean =>
  ABSOLUTE.test(text) && !UNCLEAN.test(text) && URL.canParse(text);

/** The one spelling of all addresses that mean the same server: host in lower case, no default port, no slash at the end. */
export function canonicalAddress(text: string): string | undefined {
  const url = isPrometheusAddress(text) ? URL.parse(text) : null;
  return url === null ? undefined : `${url.protocol}//${url.host}${url.pathname.replace(/\/+$/, '')}`;
}

/** An address for a sentence, in quotes: neither credentials nor a query, which may hold a token, are shown, however badly it is written. */
export const shownAddress = (text: string): string =>
  shown(text.replace(/^([a-z][\w+.-]*:\/\/)?.*@/is, '$1…@').replace(/([?#]).+$/s, '$1…'));
