import type { Secret } from '../../domain/k8s/read/secret.ts';
import type { ServingCertificate } from '../../ports/tls-server.ts';
import type { Caches } from './caches.ts';

/** Marks ConfigMaps with authorities that Knative trusts (networking: pkg/apis/networking/register.go). */
const TRUST_BUNDLE = 'networking.knative.dev/trust-bundle';

/** What requests within the cluster are protected with, as Knative keeps it (serving: pkg/activator/certificate). */
export interface InternalTls {
  /** The authorities of the certificates of pods, as PEM; undefined: none is known, and no pod is believed. */
  readonly authorities: () => string | undefined;
  /** Calls back with the certificate that we show, now and whenever another is there. */
  readonly onCertificate: (listener: (certificate: ServingCertificate) => void) => void;
}

export function internalTls({
  certificates,
  configMaps,
}: Pick<Caches, 'certificates' | 'configMaps'>): InternalTls {
  const secret = (): Secret | undefined => [...certificates.store.all()][0];
  return {
    authorities: () => {
      const bundles = [...configMaps.store.all()].filter(({ metadata }) => TRUST_BUNDLE in metadata.labels);
      const all = [secret()?.data['ca.crt'] ?? '', ...bundles.flatMap(({ data }) => Object.values(data))];
      const known = all.filter((pem) => pem.trim() !== '');
      return known.length === 0 ? undefined : known.join('\n');
    },
    onCertificate: (listener) => {
      let shown = '';
      const look = (): void => {
        const { 'tls.crt': cert = '', 'tls.key': key = '' } = secret()?.data ?? {};
        if (cert === '' || key === '' || shown === cert + key) return;
        shown = cert + key;
        listener({ cert, key });
      };
      certificates.store.subscribe(look);
      look();
    },
  };
}
