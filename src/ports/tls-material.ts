/** What a server shows to its clients over TLS, as PEM. */
export interface TlsMaterial {
  /** The certificate, with the intermediate ones after it. */
  readonly cert: string;
  readonly key: string;
  /** The authorities of client certificates; undefined: a client needs none. */
  readonly clientCa: string | undefined;
}
