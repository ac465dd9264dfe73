import { setTimeout as sleep } from 'node:timers/promises';
import { logVerbosity, Server, ServerCredentials, setLogVerbosity } from '@grpc/grpc-js';
import type { UntypedServiceImplementation } from '@grpc/grpc-js';
import { z } from 'zod';
import { authorityOf } from '../../domain/authority.ts';
import type { Refusal } from '../../domain/keda-scaler/refusal.ts';
import type { ScaledObjectRef } from '../../domain/keda-scaler/scaled-object-ref.ts';
import { ok, type Result } from '../../domain/result.ts';
import type { ExternalScaler } from '../../ports/external-scaler.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Log } from '../../ports/log.ts';
import type { Telemetry } from '../../ports/telemetry.ts';
import { cannotListen, codeIn } from '../http/cannot-listen.ts';
import { EXTERNAL_SCALER, type Method } from './external-scaler-service.ts';
import { ScalerCalls } from './scaler-calls.ts';

export interface ScalerServerOptions {
  readonly scaler: ExternalScaler;
  /** `::` also means IPv4; where the machine has no IPv6 it means 0.0.0.0. */
  readonly address: string;
  /** 0 takes any free one. */
  readonly port: number;
  /** Undefined: without TLS. */
  readonly credentials: ServerCredentials | undefined;
  readonly clock: Pick<Clock, 'giveWay'>;
  readonly telemetry: Telemetry;
  readonly log: Log;
  /** How many streams may be open at once; two for each ScaledObject. */
  readonly mostStreams?: number;
}

export interface ScalerServer {
  /** The port in use. */
  readonly port: number;
  /** Ends the streams and takes no more calls, then closes every connection; bounded by a second. */
  close(): Promise<void>;
}

const MOST_STREAMS = 10_000;
/** Calls beside the streams on one connection: KEDA uses one for everything. */
const MOST_CALLS = 1000;
/** Bytes. A question is two names and the metadata of a trigger. */
const LARGEST_QUESTION = 64 * 1024;
/** Milliseconds. Soon enough that the streams of a KEDA that vanished are not kept for long. */
const KEEPALIVE = { every: 30_000, answerWithin: 10_000 } as const;
const CLOSE_WITHIN = 1000;

/** Serves KEDA's external scaler over gRPC. Rejects with one sentence when the address cannot be had. */
export async function startScalerServer(options: ScalerServerOptions): Promise<ScalerServer> {
  // Its words go to standard error, unstructured; whatever matters comes to us as an error, too.
  setLogVerbosity(logVerbosity.NONE);
  const { scaler, clock, telemetry, log, mostStreams = MOST_STREAMS } = options;
  const calls = new ScalerCalls({ clock, telemetry, log, mostStreams });
  const server = new Server({
    'grpc.max_concurrent_streams': mostStreams + MOST_CALLS,
    'grpc.max_receive_message_length': LARGEST_QUESTION,
    'grpc.keepalive_time_ms': KEEPALIVE.every,
    'grpc.keepalive_timeout_ms': KEEPALIVE.answerWithin,
  });
  server.addService(EXTERNAL_SCALER, implementation(scaler, calls));
  const port = await listen(server, options);
  return {
    port,
    close: () => close(server, calls),
  };
}

const refView = z.object({ name: z.string(), namespace: z.string() });
const askedView = z.object({ scaledObjectRef: refView.nullable(), metricName: z.string() });

/** A message without the object that it is about reads as one whose names are empty. */
const NOBODY: ScaledObjectRef = { name: '', namespace: '' };

function implementation(scaler: ExternalScaler, calls: ScalerCalls): UntypedServiceImplementation {
  const active = (result: boolean) => ({ result });
  const handlers: Record<Method, UntypedServiceImplementation[string]> = {
    IsActive: calls.unary('IsActive', (request) => map(scaler.isActive(refView.parse(request)), active)),
    GetMetricSpec: calls.unary('GetMetricSpec', (request) =>
      map(scaler.metricSpecs(refView.parse(request)), (metricSpecs) => ({ metricSpecs })),
    ),
    GetMetrics: calls.unary('GetMetrics', (request) => {
      const { scaledObjectRef, metricName } = askedView.parse(request);
      return map(scaler.metrics(scaledObjectRef ?? NOBODY, metricName), (metricValues) => ({ metricValues }));
    }),
    StreamIsActive: calls.stream('StreamIsActive', (request, tell) =>
      scaler.followActive(refView.parse(request), (result) => tell(active(result))),
    ),
    StreamMetricSpec: calls.stream('StreamMetricSpec', (request, tell) =>
      scaler.followMetricSpecs(refView.parse(request), (metricSpecs) => tell({ metricSpecs })),
    ),
  };
  return handlers;
}

const map = <T, U>(result: Result<T, Refusal>, to: (value: T) => U): Result<U, Refusal> =>
  result.ok ? ok(to(result.value)) : result;

type Listening = Pick<ScalerServerOptions, 'address' | 'port' | 'credentials'>;

async function listen(server: Server, { address, port, credentials }: Listening): Promise<number> {
  try {
    return await bind(server, authorityOf(address, port), credentials ?? ServerCredentials.createInsecure());
  } catch (thrown) {
    const code = codeIn(thrown);
    if (address === '::' && (code === 'EAFNOSUPPORT' || code === 'EADDRNOTAVAIL'))
      return listen(server, { address: '0.0.0.0', port, credentials });
    throw cannotListen(address, port, thrown);
  }
}

const bind = (server: Server, address: string, credentials: ServerCredentials): Promise<number> =>
  new Promise((resolve, reject) => {
    server.bindAsync(address, credentials, (error, port) => (error === null ? resolve(port) : reject(error)));
  });

async function close(server: Server, calls: ScalerCalls): Promise<void> {
  const done = new AbortController();
  const late = sleep(CLOSE_WITHIN, undefined, { signal: done.signal }).then(
    () => server.forceShutdown(),
    () => undefined,
  );
  await calls.endAll();
  await new Promise<void>((resolve) => server.tryShutdown(() => resolve()));
  done.abort();
  await late;
}
