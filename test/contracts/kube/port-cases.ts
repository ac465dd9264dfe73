import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, expect, test } from '@jest/globals';
import { connect, type KubeApi } from '../../../src/adapters/kube/connection.ts';
import { systemClock } from '../../../src/adapters/time/system-clock.ts';
import { faultOf } from '../../../src/domain/fault.ts';
import { keyOf } from '../../../src/domain/key.ts';
import type { KubeObject } from '../../../src/domain/k8s/meta.ts';
import type { Resource } from '../../../src/domain/k8s/resources.ts';
import { seconds } from '../../../src/domain/time.ts';
import type { KubeWriter, WatchEvent } from '../../../src/ports/kube.ts';
import { SilentLog } from '../../doubles/silent-log.ts';
import { TallyingTelemetry } from '../../doubles/tallying-telemetry.ts';
import { leaseContract } from '../lease.ts';
import type { Bench } from './contract.ts';
import { configMap, deployment, K, podAutoscaler, scaledObject } from './samples.ts';

const signal = new AbortController().signal;

const uidOf = ({ metadata }: KubeObject): string => metadata['uid'] as string;
const versionOf = ({ metadata }: KubeObject): string => metadata['resourceVersion'] as string;

const codeOf = (attempt: Promise<unknown>): Promise<string> =>
  attempt.then(
    () => 'accepted',
    (thrown: unknown) => faultOf(thrown).code,
  );

/** What KubeReader, KubeWriter and LeaseStore promise, kept by our adapters on this server. */
export function portCases(bench: () => Bench): void {
  let api: KubeApi | undefined;
  let writer: KubeWriter;
  let folder = '';
  const connected = (): KubeApi => {
    if (api === undefined) throw new Error('not connected');
    return api;
  };
  beforeEach(async () => {
    if (api !== undefined) return;
    folder = mkdtempSync(join(tmpdir(), 'hpa-bridge-contract-'));
    const path = join(folder, 'kubeconfig');
    writeFileSync(path, bench().kube.underTest.kubeconfig);
    api = await connect({
      source: { path, env: {} },
      clock: systemClock,
      log: new SilentLog(),
      telemetry: new TallyingTelemetry(),
      version: '0.0.0',
      limit: { perSecond: 1000, burst: 1000 },
    });
    writer = api.writer({ mayWrite: () => true });
  });
  afterAll(async () => {
    await api?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const here = (object: object): KubeObject => {
    const { metadata, ...rest } = object as KubeObject;
    return { ...rest, metadata: { ...metadata, namespace: bench().namespace } };
  };
  const key = (name: string) => keyOf(bench().namespace, name);
  const names = (items: readonly KubeObject[]): string[] => items.map(({ metadata }) => metadata.name);

  test('reads pages until there are no more', async () => {
    for (const name of ['a', 'b', 'c']) await writer.create(K.PodAutoscaler, here(podAutoscaler(name)));
    const selection = { resource: K.PodAutoscaler, namespace: bench().namespace };
    const first = await connected().reader.list(selection, { limit: 2 }, signal);
    expect(names(first.items)).toEqual(['a', 'b']);
    const second = await connected().reader.list(selection, { limit: 2, continue: first.continue! }, signal);
    expect([names(second.items), second.continue]).toEqual([['c'], undefined]);
    expect(second.resourceVersion).toBe(first.resourceVersion);
  });

  test('items say what they are, whatever the server leaves out', async () => {
    await writer.create(K.ConfigMap, here(configMap('a')));
    const { items } = await connected().reader.list(
      { resource: K.ConfigMap, namespace: bench().namespace, fieldSelector: 'metadata.name=a' },
      {},
      signal,
    );
    expect(items).toMatchObject([{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' } }]);
  });

  test('metadata alone', async () => {
    await writer.create(K.PodAutoscaler, here(podAutoscaler('a')));
    const selection = { resource: K.PodAutoscaler, namespace: bench().namespace, metadataOnly: true };
    const { items } = await connected().reader.list(selection, {}, signal);
    expect(names(items)).toEqual(['a']);
    expect(items[0]).not.toHaveProperty('spec');
  });

  test('watches from a version', async () => {
    const selection = { resource: K.PodAutoscaler, namespace: bench().namespace };
    const { resourceVersion } = await connected().reader.list(selection, {}, signal);
    const stop = new AbortController();
    const from = { resourceVersion, timeout: seconds(60), idle: seconds(60) };
    const seen: string[] = [];
    const watching = (async () => {
      for await (const event of connected().reader.watch(selection, from, stop.signal)) {
        seen.push(textOf(event));
        if (seen.length === 3) stop.abort();
      }
    })();
    const made = await writer.create(K.PodAutoscaler, here(podAutoscaler('a')));
    await writer.merge(K.PodAutoscaler, key('a'), { metadata: { labels: { x: 'y' } } });
    await writer.remove(K.PodAutoscaler, key('a'), { uid: uidOf(made) });
    await watching.catch(() => undefined);
    expect(seen).toEqual(['ADDED a', 'MODIFIED a', 'DELETED a']);
  });
  const textOf = (event: WatchEvent): string =>
    event.type === 'BOOKMARK' ? event.type : `${event.type} ${event.object.metadata.name}`;

  test('a version of long ago is gone', async () => {
    const selection = { resource: K.PodAutoscaler, namespace: bench().namespace };
    const from = { resourceVersion: '1', timeout: seconds(10), idle: seconds(10) };
    const events = connected().reader.watch(selection, from, signal)[Symbol.asyncIterator]();
    expect(await codeOf(events.next())).toBe('gone');
  });

  test('knows what is served', async () => {
    const unknown: Resource = {
      group: 'nothing.example.com',
      version: 'v1',
      plural: 'things',
      kind: 'Thing',
    };
    const { reader } = connected();
    expect(await reader.served(K.ScaledObject)).toBe(true);
    expect(await reader.served(K.ConfigMap)).toBe(true);
    expect(await reader.served(unknown)).toBe(false);
    expect(await codeOf(reader.list({ resource: unknown }, {}, signal))).toBe('kind_not_served');
    expect(await codeOf(reader.get(unknown, key('a')))).toBe('kind_not_served');
    expect(await codeOf(reader.get(K.ScaledObject, key('a')))).toBe('not_found');
  });

  test('applies: creates, is silent when nothing changes, removes what it lets go', async () => {
    const body = here(scaledObject('a', { minReplicaCount: 1 }));
    const first = await writer.apply(K.ScaledObject, body);
    const second = await writer.apply(K.ScaledObject, body);
    expect(second.metadata['resourceVersion']).toBe(first.metadata['resourceVersion']);
    const third = await writer.apply(K.ScaledObject, here(scaledObject('a')));
    expect(third['spec']).not.toHaveProperty('minReplicaCount');
  });

  test('an apply against another manager is a conflict, and by force is not', async () => {
    const { kube, namespace } = bench();
    await kube.apply(
      `/api/v1/namespaces/${namespace}/configmaps/a`,
      'them',
      configMap('a', { color: 'red' }),
    );
    const ours = here(configMap('a', { color: 'blue' }));
    expect(await codeOf(writer.apply(K.ConfigMap, ours))).toBe('conflict');
    expect(await writer.apply(K.ConfigMap, ours, { force: true })).toMatchObject({ data: { color: 'blue' } });
  });

  test('a stale status patch is a conflict', async () => {
    const made = await writer.create(K.PodAutoscaler, here(podAutoscaler('a')));
    const status = { serviceName: '', metricsServiceName: '' };
    const body = { metadata: { resourceVersion: versionOf(made) }, status };
    const patched = await writer.merge(K.PodAutoscaler, key('a'), body, { subresource: 'status' });
    expect(patched['status']).toEqual(status);
    expect(await codeOf(writer.merge(K.PodAutoscaler, key('a'), body, { subresource: 'status' }))).toBe(
      'conflict',
    );
  });

  test('scales a Deployment', async () => {
    await writer.create(K.Deployment, here(deployment('a')));
    await writer.merge(K.Deployment, key('a'), { spec: { replicas: 0 } }, { subresource: 'scale' });
    expect(await connected().reader.get(K.Deployment, key('a'))).toMatchObject({ spec: { replicas: 0 } });
  });

  test('names each refusal', async () => {
    const made = await writer.create(K.ConfigMap, here(configMap('a')));
    expect(await codeOf(writer.create(K.ConfigMap, here(configMap('a'))))).toBe('already_exists');
    expect(await codeOf(writer.create(K.ConfigMap, here(configMap('A'))))).toBe('rejected');
    expect(await codeOf(writer.merge(K.ConfigMap, key('b'), { data: {} }))).toBe('not_found');
    await writer.replace(K.ConfigMap, { ...made, data: { color: 'blue' } });
    expect(await codeOf(writer.replace(K.ConfigMap, { ...made, data: { color: 'green' } }))).toBe('conflict');
  });

  test('removes exactly what was meant, and is content when it is gone', async () => {
    const made = await writer.create(K.ConfigMap, here(configMap('a')));
    expect(await codeOf(writer.remove(K.ConfigMap, key('a'), { uid: 'another' }))).toBe('conflict');
    const expected = { uid: uidOf(made) };
    expect(await codeOf(writer.remove(K.ConfigMap, key('a'), expected))).toBe('accepted');
    expect(await codeOf(writer.remove(K.ConfigMap, key('a'), expected))).toBe('accepted');
  });

  let leases = 0;
  leaseContract('a lease on this server', () => {
    const at = { namespace: bench().namespace, name: `lease-${++leases}` };
    return Promise.resolve([connected().lease(at), connected().lease(at)]);
  });
}
