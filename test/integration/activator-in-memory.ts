import { request, type IncomingMessage } from 'node:http';
import { connect } from '../../src/adapters/kube/connection.ts';
import { podProbe } from '../../src/adapters/probe/pod-probe.ts';
import { startProxy } from '../../src/adapters/proxy/proxy.ts';
import { systemClock } from '../../src/adapters/time/system-clock.ts';
import { statDialer } from '../../src/adapters/websocket/stat-dialer.ts';
import { ms } from '../../src/domain/time.ts';
import { TimerWheel } from '../../src/engine/timer-wheel.ts';
import { buildActivator, type Activator } from '../../src/processes/activator/activator.ts';
import { SilentLog } from '../doubles/silent-log.ts';
import { TallyingTelemetry } from '../doubles/tallying-telemetry.ts';
import { HPA_CLASS, type ClusterInMemory } from './cluster-in-memory.ts';

export interface Answer {
  readonly status: number;
  readonly body: string;
  readonly headers: IncomingMessage['headers'];
}

export interface RunningActivator extends AsyncDisposable {
  readonly activator: Activator;
  readonly telemetry: TallyingTelemetry;
  readonly log: SilentLog;
  /** A request for a revision in the namespace default, as an ingress would send it. */
  ask(revision: string, options?: { readonly signal?: AbortSignal }): Promise<Answer>;
}

/** Runs an activator against the API server in memory, over real sockets, without TLS. */
export async function runActivator(
  cluster: ClusterInMemory,
  options: { readonly podIp?: string; readonly maxWaiting?: number; readonly podName?: string } = {},
): Promise<RunningActivator> {
  const [telemetry, log, end] = [new TallyingTelemetry(), new SilentLog(), new AbortController()];
  const api = await connect({
    source: { path: cluster.kubeconfig(), env: {} },
    clock: systemClock,
    log,
    telemetry,
    version: 'test',
    limit: { perSecond: 1000, burst: 1000 },
  });
  const activator = buildActivator({
    boot: {
      systemNamespace: 'knative-serving',
      classes: [HPA_CLASS],
      podIp: options.podIp,
      maxWaiting: options.maxWaiting ?? 1000,
      maxWaitingBytes: 1_000_000,
    },
    podName: options.podName ?? 'activator-0',
    reader: api.reader,
    writer: api.writer({ mayWrite: () => true }),
    probe: podProbe(),
    dialer: statDialer(systemClock),
    clock: systemClock,
    random: Math.random,
    telemetry,
    log,
  });
  const working = activator.run(end.signal);
  await activator.synced(end.signal);
  const proxy = await startProxy({
    throttler: activator.throttler,
    clock: systemClock,
    alarms: new TimerWheel(systemClock, ms(50)),
    address: '127.0.0.1',
    ports: [0],
    tlsPort: undefined,
    podAuthorities: () => undefined,
    self: () => ({ missing: [], name: 'activator-0' }),
    clusterDomain: 'cluster.local',
    onAccess: () => undefined,
  });
  return {
    activator,
    telemetry,
    log,
    ask: (revision, { signal } = {}) => ask(proxy.ports[0] ?? 0, revision, signal),
    [Symbol.asyncDispose]: async () => {
      await proxy.close();
      end.abort(new Error('test ends'));
      await working;
      await api.close();
    },
  };
}

const ask = (port: number, revision: string, signal: AbortSignal | undefined): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const asked = request({
      host: '127.0.0.1',
      port,
      path: `/for-${revision}`,
      agent: false,
      ...(signal === undefined ? {} : { signal }),
      headers: {
        host: 'app.example.com',
        'knative-serving-namespace': 'default',
        'knative-serving-revision': revision,
      },
    });
    asked.once('error', reject);
    asked.once('response', (answer) => {
      let body = '';
      answer.setEncoding('utf8').on('data', (part: string) => (body += part));
      answer.once('end', () => resolve({ status: answer.statusCode ?? 0, body, headers: answer.headers }));
      answer.once('error', reject);
    });
    asked.end();
  });
