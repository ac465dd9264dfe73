import { authorityOf } from '../authority.ts';
import { backendOf, HTTPS } from '../k8s/knative-services.ts';

/** Of the private Service, whatever the protocol. */
const SERVICE_PORT = 80;

/** Where a pod is asked whether it serves: without TLS in any case. */
export const probeOrigin = (host: string, protocol: string): string =>
  `http://${authorityOf(host, backendOf(protocol).target)}`;

export const serviceProbeOrigin = (host: string): string => `http://${authorityOf(host, SERVICE_PORT)}`;

/** Where requests are sent to. */
export const podOrigin = (host: string, protocol: string, tls: boolean): string =>
  tls ? `https://${authorityOf(host, HTTPS.target)}` : probeOrigin(host, protocol);

export const serviceOrigin = (host: string, tls: boolean): string =>
  tls ? `https://${authorityOf(host, HTTPS.port)}` : serviceProbeOrigin(host);

/**
 * Requests that one activator lets through to the Service in front of the pods: its part of what all ready pods take, at least one (serving:
 * pkg/activator/net/throttler.go). 0: any number.
 */
export const serviceLimit = (concurrency: number, ready: number, activators: number): number =>
  concurrency === 0 ? 0 : Math.max(1, Math.floor((concurrency * ready) / Math.max(1, activators)));
