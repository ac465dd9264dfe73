import 'reflect-metadata';
import {
  BasicConstraintsExtension,
  ExtendedKeyUsageExtension,
  SubjectAlternativeNameExtension,
  X509CertificateGenerator,
  X509Certificate,
  type Extension,
} from '@peculiar/x509';
import { createPrivateKey, randomBytes, webcrypto } from 'node:crypto';

export const CLIENT_AUTH = '1.3.6.1.5.5.7.3.2';
export const SERVER_AUTH = '1.3.6.1.5.5.7.3.1';

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const HOUR = 3_600_000;

/** A certificate with its key; `cert` begins with its own certificate, and what leads to the CA may follow. */
export interface Issued {
  readonly cert: string;
  readonly key: string;
}

interface Wanted {
  /** As RFC 4514 writes it; several organizations are several `O=`. */
  readonly subject: string;
  /** Object identifiers; absent: the certificate says nothing about its purpose. */
  readonly purposes?: readonly string[];
  readonly names?: readonly string[];
  /** From now; the beginning is two hours ago. */
  readonly hours?: number;
}

const newKeys = (): Promise<webcrypto.CryptoKeyPair> =>
  webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);

async function pemOf(key: webcrypto.CryptoKey): Promise<string> {
  const bytes = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', key));
  const read = createPrivateKey({ key: bytes, format: 'der', type: 'pkcs8' });
  return read.export({ type: 'pkcs8', format: 'pem' });
}

/** A certificate authority of a test. */
export class Authority {
  /** PEM. */
  readonly ca: string;
  readonly #certificate: X509Certificate;
  readonly #keys: webcrypto.CryptoKeyPair;
  /** What leads from here to the root, PEM. */
  readonly #chain: string;

  private constructor(certificate: X509Certificate, keys: webcrypto.CryptoKeyPair, chain: string) {
    this.#certificate = certificate;
    this.#keys = keys;
    this.#chain = chain;
    this.ca = `${certificate.toString('pem')}\n`;
  }

  /** With purposes, what it issues is good for those alone. */
  static async root(name: string, hours = 24, purposes?: readonly string[]): Promise<Authority> {
    const keys = await newKeys();
    return new Authority(await selfSigned(name, keys, hours, purposes), keys, '');
  }

  /** Another certificate (PEM) of the same name and key. */
  async renewed(hours: number): Promise<string> {
    const name = this.#certificate.subject.replace('CN=', '');
    return `${(await selfSigned(name, this.#keys, hours)).toString('pem')}\n`;
  }

  /** An authority below this one. What it issues comes with its certificate. */
  async below(name: string): Promise<Authority> {
    const keys = await newKeys();
    const certificate = await this.#sign({ subject: `CN=${name}` }, keys, [
      new BasicConstraintsExtension(true, undefined, true),
    ]);
    return new Authority(certificate, keys, `${certificate.toString('pem')}\n`);
  }

  /** As if the owner of an ordinary certificate were an authority; what it issues comes with that certificate. */
  static async signedBy({ cert, key }: Issued, wanted: Wanted): Promise<Issued> {
    const bytes = createPrivateKey(key).export({ type: 'pkcs8', format: 'der' });
    const privateKey = await webcrypto.subtle.importKey('pkcs8', bytes, ALGORITHM, true, ['sign']);
    const certificate = new X509Certificate(cert);
    const pretended = new Authority(certificate, { ...(await newKeys()), privateKey }, cert);
    return pretended.issue(wanted);
  }

  async issue(wanted: Wanted): Promise<Issued> {
    const keys = await newKeys();
    const certificate = await this.#sign(wanted, keys, [
      new BasicConstraintsExtension(false, undefined, true),
      ...(wanted.purposes === undefined ? [] : [new ExtendedKeyUsageExtension([...wanted.purposes])]),
      ...(wanted.names === undefined
        ? []
        : [new SubjectAlternativeNameExtension(wanted.names.map((value) => ({ type: 'dns', value })))]),
    ]);
    return { cert: `${certificate.toString('pem')}\n${this.#chain}`, key: await pemOf(keys.privateKey) };
  }

  #sign(wanted: Wanted, keys: webcrypto.CryptoKeyPair, extensions: Extension[]): Promise<X509Certificate> {
    return X509CertificateGenerator.create(
      {
        ...common(wanted.hours ?? 24),
        subject: wanted.subject,
        issuer: this.#certificate.subject,
        signingKey: this.#keys.privateKey,
        publicKey: keys.publicKey,
        extensions,
      },
      webcrypto,
    );
  }
}

const common = (hours: number) => ({
  serialNumber: `01${randomBytes(8).toString('hex')}`,
  notBefore: new Date(Date.now() - 2 * HOUR),
  notAfter: new Date(Date.now() + hours * HOUR),
  signingAlgorithm: ALGORITHM,
});

const selfSigned = (
  name: string,
  keys: webcrypto.CryptoKeyPair,
  hours: number,
  purposes?: readonly string[],
): Promise<X509Certificate> => {
  const extensions = [
    new BasicConstraintsExtension(true, undefined, true),
    ...(purposes === undefined ? [] : [new ExtendedKeyUsageExtension([...purposes])]),
  ];
  return X509CertificateGenerator.createSelfSigned(
    { ...common(hours), name: `CN=${name}`, keys, extensions },
    webcrypto,
  );
};
