/** What a request asks for: who, and what of it. */
export interface RequestTarget {
  readonly host: string;
  /** Path and query; `*` as a whole is left as it is. */
  readonly path: string;
}

const ABSOLUTE = /^https?:\/\/([^/?#]*)(.*)$/i;

/** Host and path of a request. A target that is a whole URL has both, and its host counts before the header (RFC 9112, 3.2.2). */
export function requestTarget(url: string, host: string): RequestTarget {
  if (url.startsWith('/')) return { host, path: url };
  const [whole, authority = '', path = ''] = ABSOLUTE.exec(url) ?? [];
  if (whole === undefined) return { host, path: url };
  return { host: authority, path: path.startsWith('/') ? path : `/${path}` };
}
