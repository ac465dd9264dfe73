import type { Instant } from '../domain/time.ts';

/** From when to when something holds. */
export interface Validity {
  readonly from: Instant;
  readonly until: Instant;
}

/** The certificate that a client showed. That it has the key to it is proven. */
export interface ClientCertificate {
  readonly commonName: string;
  readonly organizations: readonly string[];
  /**
   * When a chain of certificates, each good for authenticating clients, leads from this one to one of the bundle's (PEM). Undefined: none
   * ever does. Of several chains it is the one that holds for longest.
   */
  trusted(bundle: string): Validity | undefined;
}

/** One request to our TLS server. */
export interface TlsRequest {
  readonly method: string;
  /** Path and query, as sent. */
  readonly url: string;
  /** By lower-case name; a header that was sent several times has several values. */
  readonly headers: Readonly<Record<string, readonly string[] | undefined>>;
  /** Empty where there is none. */
  readonly body: string;
  readonly client: ClientCertificate | undefined;
}

export interface TlsAnswer {
  readonly code: number;
  readonly contentType: string;
  readonly body: string;
}

/** What a server shows of itself: PEM. */
export interface ServingCertificate {
  readonly cert: string;
  readonly key: string;
}

/** A server that is shown certificates and shows one. */
export interface TlsServer {
  /** The port in use. */
  readonly port: number;
  /** New connections are shown this; those that are open stay. Before the first one, no handshake succeeds. */
  show(certificate: ServingCertificate): void;
  close(): Promise<void>;
}
