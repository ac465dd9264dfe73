import type { ConnectionOptions } from 'node:tls';
import { namespaceOf, type Key } from '../../domain/key.ts';
import type { Address } from './dial.ts';

export type Alpn = 'http/1.1' | 'h2';

/** How pods are recognised over TLS: the authorities of their certificates, as PEM. Asked for each connection, so that they may change. */
export type PodAuthorities = () => string | undefined;

/** A pod, and over TLS also whose it must be. */
export interface Pod {
  /** Connections of one name are alike. */
  readonly name: string;
  readonly origin: string;
  readonly namespace: string;
}

/** The name by which pods are asked for (serving: pkg/activator/certificate/tls_context.go). */
const SERVER_NAME = 'data-plane.knative.dev';

/** The pod at an origin that is to take a request of a revision. */
export function podAt(origin: string, key: Key): Pod {
  const namespace = namespaceOf(key);
  return { name: origin.startsWith('https:') ? `${origin} ${namespace}` : origin, origin, namespace };
}

export function addressOf({ origin, namespace }: Pod, alpn: Alpn, authorities: PodAuthorities): Address {
  const { protocol, hostname, port } = new URL(origin);
  const secure = protocol === 'https:';
  return {
    host: hostname.startsWith('[') ? hostname.slice(1, -1) : hostname,
    port: port === '' ? (secure ? 443 : 80) : Number(port),
    tls: secure ? tlsOf(namespace, alpn, authorities()) : undefined,
  };
}

function tlsOf(namespace: string, alpn: Alpn, ca: string | undefined): ConnectionOptions {
  const wanted = `kn-user-${namespace}`;
  return {
    ...(ca === undefined ? {} : { ca }),
    minVersion: 'TLSv1.3',
    servername: SERVER_NAME,
    ALPNProtocols: [alpn],
    // A pod of another namespace must not take the request.
    checkServerIdentity: (_name, { subjectaltname = '' }) =>
      subjectaltname.split(', ').includes(`DNS:${wanted}`)
        ? undefined
        : new Error(`certificate not for ${wanted}`),
  };
}
