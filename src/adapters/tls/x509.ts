import { X509Certificate } from 'node:crypto';
import { instant } from '../../domain/time.ts';
import type { Validity } from '../../ports/tls-server.ts';

/** Purposes of certificates, as object identifiers. */
export const CLIENT_AUTH = '1.3.6.1.5.5.7.3.2';
export const SERVER_AUTH = '1.3.6.1.5.5.7.3.1';
const ANY_PURPOSE = '2.5.29.37.0';

const BLOCK = /-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]*-----END CERTIFICATE-----/g;

/** The certificates in a PEM text. What is none of them is left out; it can vouch for nobody. */
export const readBundle = (pem: string): readonly X509Certificate[] =>
  (pem.match(BLOCK) ?? []).map(parsed).filter((certificate) => certificate !== undefined);

function parsed(pem: string): X509Certificate | undefined {
  try {
    return new X509Certificate(pem);
  } catch {
    return undefined;
  }
}

export const validityOf = (certificate: X509Certificate): Validity => ({
  from: instant(certificate.validFromDate.getTime()),
  until: instant(certificate.validToDate.getTime()),
});

/** Typed as always there; of a certificate without the extension it is not. */
type Purposes = { readonly keyUsage?: readonly string[] | undefined };

/** One that names no purposes is good for all, as in Go (crypto/x509: verify.go). */
export const allows = ({ keyUsage: purposes = [] }: Purposes, purpose: string): boolean =>
  purposes.length === 0 || purposes.includes(purpose) || purposes.includes(ANY_PURPOSE);

/** Whether a CA signed this certificate: by its name, and by its key. */
export const isIssuedBy = (certificate: X509Certificate, issuer: X509Certificate): boolean =>
  issuer.ca && certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey);

const listOf = (value: unknown): readonly string[] =>
  (Array.isArray(value) ? value : [value]).filter((each): each is string => typeof each === 'string');

/** Of several common names the last one counts, as in Go (crypto/x509/pkix: pkix.go). */
export function namesIn(certificate: X509Certificate): {
  readonly commonName: string;
  readonly organizations: readonly string[];
} {
  const subject: Readonly<Record<string, unknown>> = { ...certificate.toLegacyObject().subject };
  return { commonName: listOf(subject['CN']).at(-1) ?? '', organizations: listOf(subject['O']) };
}
