// A process of its own: our server of external metrics with a thousand values that it measures meanwhile, or a bare one that answers the same bytes.
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { PrometheusSource } from '../../src/adapters/prometheus/metric-source.ts';
import { createPromTelemetry } from '../../src/adapters/telemetry/prom.ts';
import { startTlsServer } from '../../src/adapters/tls/server.ts';
import { systemClock } from '../../src/adapters/time/system-clock.ts';
import { plainServer } from '../../src/domain/config/prometheus-servers.ts';
import type { Trust } from '../../src/domain/external-metrics/trust.ts';
import { keyOf } from '../../src/domain/key.ts';
import { isNumber } from '../../src/domain/prometheus/answer.ts';
import type { Told } from '../../src/domain/signal/told.ts';
import { seconds } from '../../src/domain/time.ts';
import { answerer } from '../../src/processes/controller/external-metrics/answer.ts';
import { Authenticator } from '../../src/processes/controller/external-metrics/authenticate.ts';
import { Authorizer } from '../../src/processes/controller/external-metrics/authorize.ts';
import { Measurer } from '../../src/processes/controller/measure/measurer.ts';
import type { ServingCertificate } from '../../src/ports/tls-server.ts';
import { SilentLog } from '../doubles/silent-log.ts';
import { TallyingTelemetry } from '../doubles/tallying-telemetry.ts';

/** What the bench says on the command line. */
export interface Start {
  readonly serving: ServingCertificate;
  readonly frontCa: string;
  readonly namespaces: number;
  readonly perNamespace: number;
  /** Where the values are measured, every 15 s, while they are told. */
  readonly prometheus: string;
  /** Milliseconds that the API server takes to say what somebody may do. */
  readonly reviewTakes: number;
}

/** Measures as the controller does, and resolves when every value is known. */
async function measured({ namespaces, perNamespace, prometheus }: Start): Promise<ReadonlyMap<string, Told>> {
  const told = new Map<string, Told>();
  const all = Promise.withResolvers<undefined>();
  const server = plainServer('bench', prometheus);
  const [clock, telemetry, interval] = [systemClock, new TallyingTelemetry(), seconds(15)];
  const read = (): Promise<string> => Promise.reject(new Error('nothing to read'));
  const source = new PrometheusSource({ server, read, clock, telemetry, version: 'bench' });
  const measurer = new Measurer({
    sourceOf: () => source,
    clock,
    random: Math.random,
    telemetry,
    log: new SilentLog(),
    onAnswer: (key, { reading }) => {
      if (isNumber(reading)) told.set(key, { is: 'value', value: reading.number, at: clock.now(), interval });
      if (told.size === namespaces * perNamespace) all.resolve(undefined);
    },
  });
  for (let revision = 0; revision < perNamespace; revision += 1)
    for (let space = 0; space < namespaces; space += 1) {
      const [key, series] = [keyOf(`team-${space}`, `r${revision}-00001`), `depth{rev="r${revision}"}`];
      measurer.set(key, { server, query: `sum(${series}) + ${space}`, interval });
    }
  void measurer.run(new AbortController().signal);
  await all.promise;
  return told;
}

async function ours(start: Start): Promise<number> {
  const told = await measured(start);
  const names = {
    allowedNames: [],
    usernames: ['x-remote-user'],
    groups: ['x-remote-group'],
    uids: [],
    extraPrefixes: [],
  };
  const trust: Trust = { clientCa: undefined, requestHeaders: { ca: start.frontCa, ...names } };
  const reviews = {
    whoseToken: () => Promise.resolve(undefined),
    mayDo: () => sleep(start.reviewTakes, { allowed: true, reason: '' }),
  };
  const shared = { reviews, clock: systemClock, log: new SilentLog() };
  const server = await startTlsServer({
    address: '127.0.0.1',
    port: 0,
    answer: answerer({
      ...shared,
      telemetry: createPromTelemetry(),
      authenticator: new Authenticator({ ...shared, trust: () => trust }),
      authorizer: new Authorizer(shared),
      teller: { told: (key) => told.get(key) },
    }),
  });
  server.show(start.serving);
  return server.port;
}

const BODY =
  '{"kind":"ExternalMetricValueList","apiVersion":"external.metrics.k8s.io/v1beta1","metadata":{},"items":[{"metricName":"hpa-bridge-query","metricLabels":{"hpa-bridge.dev/revision":"r10-00001"},"timestamp":"2026-01-01T00:00:00Z","window":15,"value":"10500m"}]}\n';

function bare({ serving }: Start): Promise<number> {
  const server = createServer({ ...serving, requestCert: true, rejectUnauthorized: false }, (_, response) => {
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': BODY.length });
    response.end(BODY);
  });
  server.keepAliveTimeout = 120_000;
  return new Promise((resolve) =>
    server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port)),
  );
}

const [, , which = 'ours', start = '{}'] = process.argv;
const port = await (which === 'bare' ? bare : ours)(JSON.parse(start) as Start);
process.send?.({ port });
