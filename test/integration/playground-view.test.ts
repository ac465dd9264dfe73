import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { connect, type KubeApi } from '../../src/adapters/kube/connection.ts';
import { systemClock } from '../../src/adapters/time/system-clock.ts';
import { startApiServer, type ApiServer } from '../../src/playground/api-server/server.ts';
import type { Sight } from '../../src/playground/show.ts';
import { watchRevisions } from '../../src/playground/watch.ts';
import { SilentLog } from '../doubles/silent-log.ts';
import { TallyingTelemetry } from '../doubles/tallying-telemetry.ts';

const CLASS = 'autoscaling.knative.dev/class';
const PAS = '/apis/autoscaling.internal.knative.dev/v1alpha1/namespaces/default/podautoscalers';
const SKSES = '/apis/networking.internal.knative.dev/v1alpha1/namespaces/default/serverlessservices';
const EVENTS = '/api/v1/namespaces/default/events';

let folder: string;
let server: ApiServer;
let api: KubeApi;
let stop: AbortController;
let seen: string[];
let wake: () => void;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'view-'));
  server = await startApiServer();
  writeFileSync(join(folder, 'kubeconfig'), server.kubeconfig());
  const log = new SilentLog();
  const telemetry = new TallyingTelemetry();
  api = await connect({
    source: { path: join(folder, 'kubeconfig'), env: {} },
    clock: systemClock,
    log,
    telemetry,
    version: '0',
  });
  stop = new AbortController();
  seen = [];
  wake = () => undefined;
});
afterEach(async () => {
  stop.abort(new Error('done'));
  await api.close();
  await server.stop();
  rmSync(folder, { recursive: true });
});

const watch = (): Promise<void> =>
  watchRevisions(
    {
      reader: api.reader,
      clock: systemClock,
      random: () => 0.5,
      telemetry: new TallyingTelemetry(),
      log: new SilentLog(),
    },
    ({ metadata }) => metadata.annotations[CLASS] === 'ours',
    ({ about, mark, text }: Sight) => {
      seen.push(`${about} ${mark} ${text}`);
      wake();
    },
    stop.signal,
  );
/** Resolves when so many sights were seen, with all of them. */
const sights = async (count: number): Promise<string[]> => {
  while (seen.length < count) await new Promise<void>((resolve) => (wake = resolve));
  return seen;
};
const create = async (path: string, body: object): Promise<void> => {
  const answer = await fetch(`${server.url}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  expect({ path, status: answer.status }).toEqual({ path, status: 201 });
};
const pa = (name: string, named: string): object => ({
  apiVersion: 'autoscaling.internal.knative.dev/v1alpha1',
  kind: 'PodAutoscaler',
  metadata: { name, annotations: { [CLASS]: named } },
  spec: { protocolType: 'http1', scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name } },
});
const sks = (name: string): object => ({
  apiVersion: 'networking.internal.knative.dev/v1alpha1',
  kind: 'ServerlessService',
  metadata: { name },
  spec: {
    mode: 'Serve',
    protocolType: 'http1',
    objectRef: { apiVersion: 'apps/v1', kind: 'Deployment', name },
  },
});
const event = (name: string, about: string, kind = 'PodAutoscaler'): object => ({
  apiVersion: 'v1',
  kind: 'Event',
  metadata: { name },
  involvedObject: { kind, namespace: 'default', name: about },
  type: 'Warning',
  reason: 'NotOwned',
  message: name,
});
const ROUTE = 'ServerlessService: requests go straight to the pods (mode Serve)';

test('tells of what exists and of what comes, of ours alone, and of no event of the past', async () => {
  await create(PAS, pa('a', 'ours'));
  await create(PAS, pa('b', 'theirs'));
  await create(SKSES, sks('a'));
  await create(SKSES, sks('b'));
  await create(EVENTS, event('old', 'a'));
  await watch();
  expect([...seen].sort()).toEqual([`default/a + ${ROUTE}`, 'default/a + asks for nothing in particular']);
  await create(EVENTS, event('theirs', 'b'));
  await create(EVENTS, event('of-a-pod', 'a', 'Pod'));
  await create(EVENTS, event('new', 'a'));
  expect((await sights(3)).at(-1)).toBe('default/a ! event NotOwned: new');
  expect(seen).toHaveLength(3);
});

test('what is seen before its PodAutoscaler is told after it', async () => {
  await create(SKSES, sks('a'));
  await watch();
  expect(seen).toEqual([]);
  await create(PAS, pa('a', 'ours'));
  expect(await sights(2)).toEqual(['default/a + asks for nothing in particular', `default/a + ${ROUTE}`]);
});
