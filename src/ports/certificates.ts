import type { CertificateFacts } from '../domain/certificate.ts';
import type { Result } from '../domain/result.ts';
import type { ServingCertificate, Validity } from './tls-server.ts';

/** A certificate for servers, with the CA that signed it and nothing else. */
export interface MadeCertificate extends ServingCertificate {
  readonly ca: string;
}

/** Making and reading X.509 certificates. */
export interface Certificates {
  /** Makes a CA, lets it sign one certificate for these DNS names, and forgets its key. */
  make(names: readonly string[], validity: Validity): Promise<MadeCertificate>;
  /** Reads what a Secret holds. The error is one sentence about what is wrong with it, without anything of the key in it. */
  read(material: MadeCertificate, name: string): Result<CertificateFacts, string>;
}
