import { backendOf, HTTPS } from '../k8s/knative-services.ts';

/** How the pods of a revision, or the Service in front of them, are addressed. */
export interface Destination {
  readonly host: string;
  readonly port: number;
}

/** `host:port`; an IPv6 address is in brackets. */
export const authorityOf = ({ host, port }: Destination): string =>
  `${host.includes(':') ? `[${host}]` : host}:${port}`;

/** Of the private Service, whatever the protocol. */
const SERVICE_PORT = 80;

/** Where a pod is asked whether it serves: without TLS in any case. */
export const probeOrigin = (host: string, protocol: string): string =>
  `http://${authorityOf({ host, port: backendOf(protocol).target })}`;

export const serviceProbeOrigin = (host: string): string =>
  `http://${authorityOf({ host, port: SERVICE_PORT })}`;

/** Where requests are sent to. */
export const podOrigin = (host: string, protocol: string, tls: boolean): string =>
  tls ? `https://${authorityOf({ host, port: HTTPS.target })}` : probeOrigin(host, protocol);

export const serviceOrigin = (host: string, tls: boolean): string =>
  tls ? `https://${authorityOf({ host, port: HTTPS.port })}` : serviceProbeOrigin(host);

/**
 * Requests that one activator lets through to the Service in front of the pods: its part of what all ready pods take, at least one (serving:
 * pkg/activator/net/throttler.go). 0: any number.
 */
export const serviceLimit = (concurrency: number, ready: number, activators: number): number =>
  concurrency === 0 ? 0 : Math.max(1, Math.floor((concurrency * ready) / Math.max(1, activators)));
