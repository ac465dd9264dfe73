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
import { createPrivateKey, randomBytes, webcrypto, type KeyObject, type X509Certificate } from 'node:crypto';
import type { CertificateFacts, Material } from '../../domain/external-metrics/certificate.ts';
import { err, ok, type Result } from '../../domain/result.ts';
import type { Certificates, MadeCertificate } from '../../ports/certificates.ts';
import type { Validity } from '../../ports/tls-server.ts';
import { allows, isIssuedBy, readBundle, SERVER_AUTH, validityOf } from './x509.ts';

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

async function make(names: readonly string[], { from, until }: Validity): Promise<MadeCertificate> {
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

/** The key of a Secret; undefined when it is none, or is protected by a password. */
function privateKeyIn(text: string): KeyObject | undefined {
  try {
    return createPrivateKey(text);
  } catch {
    return undefined;
  }
}

/** Whether a chain leads from the first certificate over those that are served with it to the bundle. */
function leadsTo(bundle: readonly X509Certificate[], served: readonly X509Certificate[]): boolean {
  let [at, ...rest] = served;
  while (at !== undefined) {
    const leaf = at;
    if (bundle.some((root) => root.raw.equals(leaf.raw) || isIssuedBy(leaf, root))) return true;
    const next = rest.find((each) => isIssuedBy(leaf, each));
    rest = rest.filter((each) => each !== next);
    at = next;
  }
  return false;
}

function read({ ca, cert, key }: Material, name: string): Result<CertificateFacts, string> {
  const served = readBundle(cert);
  const [leaf] = served;
  if (leaf === undefined) return err('tls.crt holds no certificate: expected one in PEM.');
  const privateKey = privateKeyIn(key);
  if (privateKey === undefined)
    return err('tls.key holds no private key: expected one in PEM, without a password.');
  if (!leaf.checkPrivateKey(privateKey)) return err('tls.key is not the key of the certificate in tls.crt.');
  if (leaf.checkHost(name, { subject: 'never' }) === undefined)
    return err(`The certificate in tls.crt is not for ${name}: expected that name among its DNS names.`);
  if (!allows(leaf, SERVER_AUTH))
    return err('The certificate in tls.crt is not for servers: expected the extended key usage serverAuth.');
  if (!leadsTo(readBundle(ca), served))
    return err('No CA in ca.crt has signed the certificate in tls.crt: expected the one that has.');
  const { from, until } = validityOf(leaf);
  return ok({ notBefore: from, notAfter: until });
}

/** X.509 with the keys and signatures of Node, on the curve P-256. */
export const certificates: Certificates = { make, read };
