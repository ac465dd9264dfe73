import { headerIn, type HeaderList, type HeaderLookup } from './headers.ts';

/** The head of an HTTP/1 request, as the parser has read it. */
export interface RequestHead {
  /** `1.1`, for example. */
  readonly version: string;
  /** The request target. */
  readonly url: string;
  readonly raw: HeaderList;
  readonly headers: HeaderLookup;
}

/**
 * Why two readers of a request could take it for two different ones, in words; undefined where they cannot. Only what Node's parser lets
 * through (docs/activator.md has the whole list): the host, the encoding and the target.
 */
export function ambiguityOf({ version, url, raw, headers }: RequestHead): string | undefined {
  if (version !== '1.1' && version !== '1.0') return `HTTP/${version} is not spoken: expected HTTP/1.1`;
  const hosts = countOf('host', raw);
  if (hosts > 1) return `the header Host came ${hosts} times: expected it once`;
  if (!HOST.test(headerIn(headers, 'host'))) return 'the header Host is no host with or without a port';
  const encoding = headers['transfer-encoding'];
  if (encoding !== undefined && version === '1.0') return 'HTTP/1.0 has no Transfer-Encoding';
  if (encoding !== undefined && headerIn(headers, 'transfer-encoding').toLowerCase() !== 'chunked')
    return 'the Transfer-Encoding is not understood: expected chunked';
  return url.includes('#') ? 'the target has a fragment: expected a path and perhaps a query' : undefined;
}

/** Letters of a registered name, an IPv4 address or an IPv6 one in brackets, and a port; empty is allowed for what has no host. */
const HOST = /^(?:\[[\dA-Fa-f:.%\w~-]+\]|[\w.~!$&'()*+,;=%-]*)(?::\d*)?$/;

function countOf(wanted: string, raw: HeaderList): number {
  let count = 0;
  for (let at = 0; at < raw.length; at += 2)
    if (raw[at]?.length === wanted.length && raw[at]?.toLowerCase() === wanted) count += 1;
  return count;
}
