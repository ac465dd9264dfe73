import { createPrivateKey, type KeyObject, type X509Certificate } from 'node:crypto';
import type { CertificateFacts, Material } from '../../domain/certificate.ts';
import { err, ok, type Result } from '../../domain/result.ts';
import type { Certificates } from '../../ports/certificates.ts';
import { allows, isIssuedBy, readBundle, SERVER_AUTH, validityOf } from './x509.ts';

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

/** X.509 with the keys and signatures of Node. What makes a certificate is loaded when one is made: seldom, and by the leader alone. */
export const certificates: Certificates = {
  make: async (names, validity) => (await import('./make-certificate.ts')).makeCertificate(names, validity),
  read,
};
