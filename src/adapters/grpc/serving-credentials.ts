import { createSecureContext, type SecureContextOptions } from 'node:tls';
import { ServerCredentials } from '@grpc/grpc-js';
import type { TlsMaterial } from '../../ports/tls-material.ts';

/** TLS with a certificate that can be replaced while the server runs. Whether clients need a certificate is settled from the start. */
export class ServingCredentials extends ServerCredentials {
  constructor(certificate: TlsMaterial) {
    const asked = certificate.clientCa !== undefined;
    super({ requestCert: asked, rejectUnauthorized: asked }, contextOf(certificate));
  }

  /** Holds for connections that are made from now on. Throws one sentence when it is of no use; then the present one stays. */
  replace(certificate: TlsMaterial): void {
    this.updateSecureContextOptions(contextOf(certificate));
  }

  override _equals(other: ServerCredentials): boolean {
    return this === other;
  }
}

/** Read by OpenSSL once before anybody depends on it. Its own words say what is wrong and never hold a key. */
function contextOf({ cert, key, clientCa }: TlsMaterial): SecureContextOptions {
  const options = { cert, key, ...(clientCa === undefined ? {} : { ca: clientCa }) };
  try {
    createSecureContext(options);
  } catch (thrown) {
    const reason = thrown instanceof Error ? thrown.message : String(thrown);
    throw new Error(`the serving certificate and its key are of no use (${reason})`, { cause: thrown });
  }
  return options;
}
