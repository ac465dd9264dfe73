import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { PrometheusSources } from '../../src/adapters/prometheus/sources.ts';
import { systemClock } from '../../src/adapters/time/system-clock.ts';
import { keyOf } from '../../src/domain/key.ts';
import { Measurer } from '../../src/processes/controller/measure/measurer.ts';
import { Exporter, RealPrometheus, until } from '../doubles/prometheus.ts';
import { SilentLog } from '../doubles/silent-log.ts';
import { TallyingTelemetry } from '../doubles/tallying-telemetry.ts';
import { withPrometheus } from '../doubles/with-prometheus.ts';
import { AUTOSCALING, ClusterInMemory, type RunningController } from './cluster-in-memory.ts';

const NAME = 'hello-00001';
const KEY = keyOf('default', NAME);

// The real controller, a real Prometheus and real time: only the API server is ours.
withPrometheus('a peak, with Prometheus away in the middle of it', () => {
  let cluster: ClusterInMemory;
  let exporter: Exporter;
  let prometheus: RealPrometheus;
  let running: RunningController;
  const sources = new PrometheusSources({
    read: () => Promise.reject(new Error('nothing to read')),
    clock: systemClock,
    telemetry: new TallyingTelemetry(),
    version: '0',
  });

  beforeAll(async () => {
    exporter = await Exporter.start('load 38\n');
    prometheus = await RealPrometheus.start([exporter.target], ['--query.lookback-delta=1s']);
    cluster = await ClusterInMemory.start();
    await cluster.create(
      'ConfigMap',
      'config-hpa-bridge',
      {
        data: {
          backend: 'hpa',
          'prometheus-servers': `[{"name":"default","address":"${prometheus.url}","timeout":"500ms"}]`,
        },
      },
      'knative-serving',
    );
    running = await cluster.controller({
      measurer: (onAnswer) =>
        new Measurer({
          sourceOf: sources.of,
          clock: systemClock,
          random: Math.random,
          telemetry: new TallyingTelemetry(),
          log: new SilentLog(),
          onAnswer,
        }),
    });
    await cluster.revision(
      NAME,
      {
        [`${AUTOSCALING}/prometheus-query`]: 'sum(load)',
        [`${AUTOSCALING}/target`]: '10',
        [`${AUTOSCALING}/window`]: '6s',
        'hpa-bridge.dev/polling-interval': '1s',
        'hpa-bridge.dev/stale-after': '5s',
      },
      4,
    );
    await cluster.services(NAME);
  });
  afterAll(async () => {
    await cluster.stop();
    await sources.close();
    await prometheus.stop();
    await exporter.close();
  });

  const value = (): number | string => {
    const told = running.controller.teller.told(KEY);
    return told === undefined ? 'not measured' : told.is === 'value' ? told.value : told.reason;
  };
  /** Everything that is told until something else is said. */
  const toldUntil = async (type: string, status: string, reason?: string): Promise<ReadonlySet<unknown>> => {
    const seen = new Set<unknown>([value()]);
    const end = running.controller.teller.subscribe(() => seen.add(value()));
    await cluster.condition(NAME, type, status, reason);
    end();
    return seen;
  };

  test('the value is told as it is, once a whole window of answers is there', async () => {
    await toldUntil('SignalAvailable', 'True');
    await until(() => Promise.resolve(value() === 38));
  });

  test('then it is held, and what counts instead is said', async () => {
    prometheus.signal('SIGSTOP');
    exporter.text = 'load 3\n';
    const away = await toldUntil('SignalAvailable', 'False', 'PrometheusTimeout');
    expect([...away].filter((one) => one !== 38)).toEqual([40]);
    expect(await toldUntil('FallbackActive', 'True', 'Hold')).toEqual(new Set([40]));
  });

  test('and falls only after a whole window of fresh answers', async () => {
    prometheus.signal('SIGCONT');
    expect(await toldUntil('SignalAvailable', 'True')).toEqual(new Set([40]));
    const seen = new Set<unknown>();
    const end = running.controller.teller.subscribe(() => seen.add(value()));
    await until(() => Promise.resolve(value() === 3));
    end();
    expect([...seen]).toEqual([40, 3]);
    expect(running.events.map(({ reason }) => reason)).toContain('PrometheusTimeout');
  });

  test('a target that vanishes is no zero', async () => {
    exporter.text = '';
    expect(await toldUntil('SignalAvailable', 'False', 'QueryEmpty')).toEqual(new Set([3, 40]));
  });
});
