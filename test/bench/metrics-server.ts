// A process of its own: our server of external metrics with a thousand values in memory, or a bare one that answers the same bytes.
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { startTlsServer } from '../../src/adapters/tls/server.ts';
import { systemClock } from '../../src/adapters/time/system-clock.ts';
import type { Trust } from '../../src/domain/external-metrics/trust.ts';
import { keyOf } from '../../src/domain/key.ts';
import type { Told } from '../../src/domain/signal/told.ts';
import { seconds } from '../../src/domain/time.ts';
import { answerer } from '../../src/processes/controller/external-metrics/answer.ts';
import { Authenticator } from '../../src/processes/controller/external-metrics/authenticate.ts';
import { Authorizer } from '../../src/processes/controller/external-metrics/authorize.ts';
import { createPromTelemetry } from '../../src/adapters/telemetry/prom.ts';
import type { ServingCertificate } from '../../src/ports/tls-server.ts';
import { SilentLog } from '../doubles/silent-log.ts';

/** What the bench says on the command line. */
export interface Start {
  readonly serving: ServingCertificate;
  readonly frontCa: string;
  readonly namespaces: number;
  readonly perNamespace: number;
  /** Milliseconds that the API server takes to say what somebody may do. */
  readonly reviewTakes: number;
}

async function ours(start: Start): Promise<number> {
  const told = new Map<string, Told>();
  for (let space = 0; space < start.namespaces; space += 1)
    for (let revision = 0; revision < start.perNamespace; revision += 1) {
      const value = { value: revision + 0.5, at: systemClock.now(), interval: seconds(15) };
      told.set(keyOf(`team-${space}`, `r${revision}-00001`), { is: 'value', ...value });
    }
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
