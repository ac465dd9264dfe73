import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { ServingCredentials } from '../../src/adapters/grpc/serving-credentials.ts';
import { startScalerServer, type ScalerServer } from '../../src/adapters/grpc/scaler-server.ts';
import { systemClock } from '../../src/adapters/time/system-clock.ts';
import { keyOf, type Key } from '../../src/domain/key.ts';
import { KedaScaler } from '../../src/processes/controller/keda-scaler/keda-scaler.ts';
import { selfSigned } from '../doubles/certificate.ts';
import { MemoryTeller } from '../doubles/memory-teller.ts';
import { SilentLog } from '../doubles/silent-log.ts';
import { TallyingTelemetry } from '../doubles/tallying-telemetry.ts';
import { eventually } from './api.ts';
import { KINDS } from './kinds.ts';
import { api, namespace } from './lab.ts';
import { conditionOf } from './serving.ts';

/** The address of this process for the pods of the lab. */
const HERE = '10.244.0.1';
/** Not one that a connection of somebody else may have while the server is away. */
const PORT = 19_090;

let space: Awaited<ReturnType<typeof namespace>>;
let teller: MemoryTeller;
let scaler: KedaScaler;
let server: ScalerServer;
const telemetry = new TallyingTelemetry();

const serve = (): Promise<ScalerServer> =>
  startScalerServer({
    scaler,
    address: HERE,
    port: PORT,
    credentials: undefined,
    clock: systemClock,
    telemetry,
    log: new SilentLog(),
  });

beforeAll(async () => {
  space = await namespace('asked');
  teller = new MemoryTeller();
  scaler = new KedaScaler(teller);
  server = await serve();
});
afterAll(async () => {
  await space[Symbol.asyncDispose]();
  await server.close();
  scaler.close();
});

interface Asked {
  readonly port: number;
  readonly metadata?: Readonly<Record<string, string>>;
  readonly authenticationRef?: { readonly name: string; readonly kind: string };
}

/** A Deployment, and a ScaledObject of its name for which KEDA asks us. */
async function scaled(name: string, { port, metadata, authenticationRef }: Asked): Promise<Key> {
  const labels = { app: name };
  const container = { name: 'app', image: 'dev.local/app:1' };
  await api.apply(KINDS.deployment, {
    metadata: { namespace: space.name, name },
    spec: {
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { terminationGracePeriodSeconds: 1, containers: [container] } },
    },
  });
  const atOnce = { stabilizationWindowSeconds: 0, policies: [{ type: 'Pods', value: 20, periodSeconds: 1 }] };
  await api.apply(KINDS.scaledObject, {
    metadata: { namespace: space.name, name },
    spec: {
      scaleTargetRef: { name },
      minReplicaCount: 1,
      maxReplicaCount: 9,
      advanced: {
        horizontalPodAutoscalerConfig: { name, behavior: { scaleUp: atOnce, scaleDown: atOnce } },
      },
      triggers: [
        {
          type: 'external-push',
          metadata: { scalerAddress: `${HERE}:${port}`, ...metadata },
          metricType: 'AverageValue',
          ...(authenticationRef === undefined ? {} : { authenticationRef }),
        },
      ],
    },
  });
  return keyOf(space.name, name);
}

const replicasAre = (name: string, replicas: number): Promise<void> =>
  eventually(async () => {
    const { spec } = await api.get(KINDS.deployment, space.name, name);
    expect(spec.replicas).toBe(replicas);
  });

/** Waits until the HPA asks for our metric and compares it with this target, as KEDA writes it: with three digits. */
const hpaWith = (name: string, averageValue: string): Promise<void> =>
  eventually(async () => {
    const { spec } = await api.get(KINDS.hpa, space.name, name);
    const metric = { name: 's0-hpa-bridge-query' };
    const target = { type: 'AverageValue', averageValue };
    expect(spec.metrics).toMatchObject([{ type: 'External', external: { metric, target } }]);
  });

/** Waits until the HPA has asked in vain. */
const inVain = (name: string): Promise<void> =>
  eventually(async () => {
    const hpa = await api.get(KINDS.hpa, space.name, name);
    expect(conditionOf(hpa, 'ScalingActive')).toMatchObject({
      status: 'False',
      reason: 'FailedGetExternalMetric',
    });
  });

test('KEDA makes an HPA by what we say, which scales up and down by what we tell', async () => {
  const key = keyOf(space.name, 'plain');
  teller.target(key, 2.5);
  teller.value(key, 9);
  await scaled('plain', { port: server.port });
  await hpaWith('plain', '2.500');
  await replicasAre('plain', 4);
  teller.value(key, 20);
  await replicasAre('plain', 8);
  teller.value(key, 0.4);
  await replicasAre('plain', 1);
  const object = await api.get(KINDS.scaledObject, space.name, 'plain');
  expect(conditionOf(object, 'Ready')).toMatchObject({ status: 'True' });
});

test('a target that changes reaches the HPA while the ScaledObject stays as it is', async () => {
  const key = keyOf(space.name, 'live');
  teller.target(key, 5);
  teller.value(key, 10);
  await scaled('live', { port: server.port });
  await hpaWith('live', '5');
  await replicasAre('live', 2);
  const { generation } = (await api.get(KINDS.scaledObject, space.name, 'live')).metadata;
  teller.target(key, 1.25);
  await hpaWith('live', '1.250');
  await replicasAre('live', 8);
  expect((await api.get(KINDS.scaledObject, space.name, 'live')).metadata.generation).toBe(generation);
});

test('where nothing is told, or nobody is there to tell, the scale stays', async () => {
  const key = keyOf(space.name, 'steady');
  teller.target(key, 1);
  teller.value(key, 5);
  await scaled('steady', { port: server.port });
  await replicasAre('steady', 5);
  await using deployment = await api.follow(KINDS.deployment, space.name, 'steady');

  teller.nothing(key, 'Prometheus did not answer within 10s.');
  await inVain('steady');
  teller.value(key, 5);
  await eventually(async () => {
    const hpa = await api.get(KINDS.hpa, space.name, 'steady');
    expect(conditionOf(hpa, 'ScalingActive')).toMatchObject({ status: 'True' });
  });

  await server.close();
  await inVain('steady');
  expect(new Set(deployment.versions.map(({ spec }) => spec.replicas))).toEqual(new Set([5]));

  server = await serve();
  teller.value(key, 2);
  await replicasAre('steady', 2);
});

test('over TLS, with the certificates of a ClusterTriggerAuthentication', async () => {
  const ours = selfSigned('hpa-bridge-keda', ['hpa-bridge-keda.test'], 24, HERE);
  const kedas = selfSigned('keda-operator');
  await using tls = disposable(
    await startScalerServer({
      scaler,
      address: HERE,
      port: 0,
      credentials: new ServingCredentials({ cert: ours.cert, key: ours.key, clientCa: kedas.cert }),
      clock: systemClock,
      telemetry: new TallyingTelemetry(),
      log: new SilentLog(),
    }),
  );
  const name = space.name;
  await api.apply(KINDS.secret, {
    metadata: { namespace: 'keda', name },
    stringData: { ca: ours.cert, cert: kedas.cert, key: kedas.key },
  });
  await api.apply(KINDS.clusterTriggerAuthentication, {
    metadata: { name },
    spec: {
      secretTargetRef: [
        { parameter: 'caCert', name, key: 'ca' },
        { parameter: 'tlsClientCert', name, key: 'cert' },
        { parameter: 'tlsClientKey', name, key: 'key' },
      ],
    },
  });
  const key = keyOf(space.name, 'secured');
  teller.target(key, 1);
  teller.value(key, 3);
  await scaled('secured', {
    port: tls.port,
    metadata: { enableTLS: 'true' },
    authenticationRef: { name, kind: 'ClusterTriggerAuthentication' },
  });
  await replicasAre('secured', 3);
  await api.remove(KINDS.scaledObject, space.name, 'secured');
  await eventually(async () =>
    expect(await api.find(KINDS.scaledObject, space.name, 'secured')).toBeUndefined(),
  );
  await api.remove(KINDS.clusterTriggerAuthentication, undefined, name);
  await api.remove(KINDS.secret, 'keda', name);
});

test('KEDA keeps two streams for each ScaledObject, and none for one that is gone', async () => {
  const open = (): number => telemetry.valueOf('hpa_bridge_keda_streams', {});
  const count = async (): Promise<number> => 2 * (await api.list(KINDS.scaledObject, space.name)).length;
  await eventually(async () => expect(open()).toBe(await count()));
  await api.remove(KINDS.scaledObject, space.name, 'plain');
  await eventually(async () => {
    expect(await api.find(KINDS.scaledObject, space.name, 'plain')).toBeUndefined();
    expect(open()).toBe(await count());
  });
});

const disposable = (closing: ScalerServer): ScalerServer & AsyncDisposable => ({
  ...closing,
  [Symbol.asyncDispose]: () => closing.close(),
});
