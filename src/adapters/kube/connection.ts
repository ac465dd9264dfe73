import type { Key } from '../../domain/key.ts';
import { seconds } from '../../domain/time.ts';
import type { AccessReviews } from '../../ports/access-reviews.ts';
import type { Clock } from '../../ports/clock.ts';
import type { EventSink } from '../../ports/event-sink.ts';
import type { HttpGet } from '../../ports/http-get.ts';
import type { KubeReader, KubeWriter } from '../../ports/kube.ts';
import type { LeaseStore } from '../../ports/lease.ts';
import type { Log } from '../../ports/log.ts';
import type { Telemetry } from '../../ports/telemetry.ts';
import { accessReviews } from './access-reviews.ts';
import { Credentials } from './credentials.ts';
import { eventSink } from './event-sink.ts';
import type { KubeSource } from './identity.ts';
import { leaseStore } from './lease.ts';
import { DEADLINES, type Deadlines } from './pools.ts';
import { podProxy } from './pod-proxy.ts';
import { kubeReader } from './reader.ts';
import { RateLimit } from './rate-limit.ts';
import { Transport } from './transport.ts';
import { serverVersion } from './version.ts';
import { kubeWriter, type WriteGate } from './writer.ts';

export interface ConnectOptions {
  readonly source: KubeSource;
  readonly clock: Clock;
  readonly log: Log;
  readonly telemetry: Telemetry;
  /** Our own version, for User-Agent. */
  readonly version: string;
  /** The name of our pod, for events; empty outside of a cluster. */
  readonly instance?: string;
  /** Requests a second and at once; watches and leases are exempt. 50 and 100 by default. */
  readonly limit?: { readonly perSecond: number; readonly burst: number };
  readonly deadlines?: Partial<Deadlines>;
}

/** A connected API server. */
export interface KubeApi {
  /** `host:port`, for logs. */
  readonly server: string;
  /** The namespace of the pod or of the kubeconfig's context. */
  readonly namespace: string | undefined;
  /** What the API server says it is, for example `v1.36.0`. Throws `FaultError`. */
  readonly version: (signal: AbortSignal) => Promise<string>;
  readonly reader: KubeReader;
  /** A writer that asks `gate` right before each write is sent. */
  writer(gate: WriteGate): KubeWriter;
  /** Where events are written. */
  readonly events: EventSink;
  /** About the tokens and rights of others. */
  readonly reviews: AccessReviews;
  lease(at: { readonly namespace: string; readonly name: string }): LeaseStore;
  /** Asks a port of a pod through the API server. */
  readonly pod: (pod: Key, port: number) => HttpGet;
  /** Cuts watches, lets requests in flight finish for up to two seconds. */
  close(): Promise<void>;
}

/** Connects to the cluster that `source` describes. Throws `config_invalid` with one sentence when it describes none; sends nothing yet. */
export async function connect(options: ConnectOptions): Promise<KubeApi> {
  const { source, clock, log, telemetry, version } = options;
  const credentials = await Credentials.load({ source, clock, log });
  await credentials.current();
  const limit = new RateLimit(options.limit ?? { perSecond: 50, burst: 100 }, clock);
  const deadlines = { ...DEADLINES, ...options.deadlines };
  const transport = new Transport({ credentials, clock, log, telemetry, limit, deadlines, version });
  return {
    server: credentials.server.host,
    namespace: credentials.namespace,
    version: (signal) => serverVersion(transport, signal),
    reader: kubeReader(transport),
    writer: (gate) => kubeWriter(transport, gate),
    events: eventSink(transport, options.instance ?? ''),
    reviews: accessReviews(transport),
    lease: (at) => leaseStore(transport, at),
    pod: (pod, port) => podProxy(transport, pod, port),
    close: () => transport.close(seconds(2)),
  };
}
