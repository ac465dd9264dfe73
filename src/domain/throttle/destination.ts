/** How the pods of a revision, or the Service in front of them, are addressed. */
export interface Destination {
  readonly host: string;
  readonly port: number;
}

/** Where queue-proxy takes requests, by `protocolType` of the PodAutoscaler (networking: pkg/apis/networking/register.go). */
export const podPort = (protocol: string): number => (protocol === 'h2c' ? 8013 : 8012);

/** Of the private Service, whatever the protocol. */
export const SERVICE_PORT = 80;

/** `host:port`; an IPv6 address is in brackets. */
export const authorityOf = ({ host, port }: Destination): string =>
  `${host.includes(':') ? `[${host}]` : host}:${port}`;

export const originOf = (destination: Destination): string => `http://${authorityOf(destination)}`;

/**
 * Requests that one activator lets through to the Service in front of the pods: its part of what all ready pods take, at least one (serving:
 * pkg/activator/net/throttler.go). 0: any number.
 */
export const serviceLimit = (concurrency: number, ready: number, activators: number): number =>
  concurrency === 0 ? 0 : Math.max(1, Math.floor((concurrency * ready) / Math.max(1, activators)));
