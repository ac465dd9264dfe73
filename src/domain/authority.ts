/** `host:port`, as it stands in a URL: an IPv6 address is in brackets. */
export const authorityOf = (host: string, port: number | string): string =>
  `${host.includes(':') ? `[${host}]` : host}:${port}`;
