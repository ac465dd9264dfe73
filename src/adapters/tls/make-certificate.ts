// First: the package below needs it to be there.
import 'reflect-metadata';
import {
  BasicConstraintsExtension,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  SubjectAlternativeNameExtension,
  X509CertificateGenerator,
} from '@peculiar/x509';
import { createPrivateKey, randomBytes, webcrypto } from 'node:crypto';
import type { MadeCertificate } from '../../ports/certificates.ts';
import type { Validity } from '../../ports/tls-server.ts';
import { SERVER_AUTH } from './x509.ts';

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const CRITICAL = true;

const newKeys = (): Promise<webcrypto.CryptoKeyPair> =>
  webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);

/** Positive, as serial numbers have to be. */
const serialNumber = (): string => `01${randomBytes(15).toString('hex')}`;

const pem = (text: string): string => `${text.trim()}\n`;

async function pemOfKey(key: webcrypto.CryptoKey): Promise<string> {
  const bytes = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', key));
  return createPrivateKey({ key: bytes, format: 'der', type: 'pkcs8' }).export({
    type: 'pkcs8',
    format: 'pem',
  });
}

/** On the curve P-256. */
export async function makeCertificate(
  names: readonly string[],
  { from, until }: Validity,
): Promise<MadeCertificate> {
  const [authorityKeys, keys] = await Promise.all([newKeys(), newKeys()]);
  const time = { notBefore: new Date(from), notAfter: new Date(until) };
  const authority = await X509CertificateGenerator.createSelfSigned(
    {
      ...time,
      serialNumber: serialNumber(),
      name: `CN=hpa-bridge-ca-${randomBytes(4).toString('hex')}`,
      signingAlgorithm: ALGORITHM,
      keys: authorityKeys,
      extensions: [
        new BasicConstraintsExtension(true, 0, CRITICAL),
        new KeyUsagesExtension(KeyUsageFlags.keyCertSign, CRITICAL),
      ],
    },
    webcrypto,
  );
  const certificate = await X509CertificateGenerator.create(
    {
      ...time,
      serialNumber: serialNumber(),
      // Only the DNS names count, and a common name may not be long.
      subject: 'CN=hpa-bridge',
      issuer: authority.subject,
      signingAlgorithm: ALGORITHM,
      signingKey: authorityKeys.privateKey,
      publicKey: keys.publicKey,
      extensions: [
        new BasicConstraintsExtension(false, undefined, CRITICAL),
        new KeyUsagesExtension(KeyUsageFlags.digitalSignature, CRITICAL),
        new ExtendedKeyUsageExtension([SERVER_AUTH]),
        new SubjectAlternativeNameExtension(names.map((value) => ({ type: 'dns', value }))),
      ],
    },
    webcrypto,
  );
  return {
    ca: pem(authority.toString('pem')),
    cert: pem(certificate.toString('pem')),
    key: await pemOfKey(keys.privateKey),
  };
}
