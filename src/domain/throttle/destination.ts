/** How the pods of a revision, or the Service in front of them, are addressed. */
export interface Destination {
  readonly host: string;
  readonly port: number;
}

/** `host:port`; an IPv6 address is in brackets. */
export const authorityOf = ({ host, port }: Destination): string =>
  `${host.includes(':') ? `[${host}]` : host}:${port}`;

/** Where queue-proxy takes requests, by `protocolType` of the PodAutoscaler (networking: pkg/apis/networking/register.go). */
const podPort = (protocol: string): number => (protocol === 'h2c' ? 8013 : 8012);
/** Of pods and of the private Service, whatever the protocol. */
const TLS_PORTS = { pod: 8112, service: 443 } as const;
const SERVICE_PORT = 80;

/** Where a pod is asked whether it serves: without TLS in any case. */
export const probeOrigin = (host: string, protocol: string): string =>
  `http://${authorityOf({ host, port: podPort(protocol) })}`;

export const serviceProbeOrigin = (host: string): string =>
  `http://${authorityOf({ host, port: SERVICE_PORT })}`;

/** Where requests are sent to. */
export const podOrigin = (host: string, protocol: string, tls: boolean): string =>
  tls ? `https://${authorityOf({ host, port: TLS_PORTS.pod })}` : probeOrigin(host, protocol);

export const serviceOrigin = (host: string, tls: boolean): string =>
  tls ? `https://${authorityOf({ host, port: TLS_PORTS.service })}` : serviceProbeOrigin(host);

/**
 * Requests that one activator lets through to the Service in front of the pods: its part of what all ready pods take, at least one (serving:
 * pkg/activator/net/throttler.go). 0: any number.
 */
export const serviceLimit = (concurrency: number, ready: number, activators: number): number =>
  concurrency === 0 ? 0 : Math.max(1, Math.floor((concurrency * ready) / Math.max(1, activators)));
