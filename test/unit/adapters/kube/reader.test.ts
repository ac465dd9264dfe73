import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { gzipSync } from 'node:zlib';
import type { WatchEvent } from '../../../../src/ports/kube.ts';
import type { Fault } from '../../../../src/domain/fault.ts';
import { RESOURCES } from '../../../../src/domain/k8s/resources.ts';
import { keyOf } from '../../../../src/domain/key.ts';
import { seconds } from '../../../../src/domain/time.ts';
import { ManualClock } from '../../../doubles/manual-clock.ts';
import {
  answer,
  isWatch,
  line,
  page,
  ScriptedApi,
  silence,
  status,
  stream,
} from '../../../doubles/scripted-api.ts';
import { connected, faultFrom, kubeconfig, never } from './connected.ts';

const PODS = { resource: RESOURCES.Pod };
const from = { resourceVersion: '7', timeout: seconds(300), idle: seconds(60) };
const pod = (name: string, more: object = {}): object => ({
  metadata: { name, namespace: 'team', uid: `uid-${name}`, managedFields: [{ manager: 'kubelet' }], ...more },
});

let server: ScriptedApi;
beforeEach(async () => {
  server = await ScriptedApi.start();
});
afterEach(() => server.close());

async function collect(events: AsyncIterable<WatchEvent>, into: WatchEvent[]): Promise<void> {
  for await (const event of events) into.push(event);
}

describe('list', () => {
  test('reads a page, names the kind that the server leaves out and drops managed fields', async () => {
    server.on('/api/v1/pods', page('41', [pod('a')], 'more'));
    await using session = await connected(kubeconfig(server.url));
    expect(await session.api.reader.list(PODS, {}, never())).toEqual({
      resourceVersion: '41',
      continue: 'more',
      items: [{ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'a', namespace: 'team', uid: 'uid-a' } }],
    });
  });

  test('asks for 200 by default, in a namespace, by selectors and from a token', async () => {
    server.on(() => true, page('1', []));
    await using session = await connected(kubeconfig(server.url));
    const { reader } = session.api;
    await reader.list(PODS, {}, never());
    await reader.list(
      {
        resource: RESOURCES.ScaledObject,
        namespace: 'team',
        labelSelector: 'a=b,c!=d',
        fieldSelector: 'metadata.name=x',
      },
      { limit: 3, continue: 'a/b+c=' },
      never(),
    );
    expect(server.requests.map(({ path, query }) => [path, Object.fromEntries(query)])).toEqual([
      ['/api/v1/pods', { limit: '200' }],
      [
        '/apis/keda.sh/v1alpha1/namespaces/team/scaledobjects',
        { limit: '3', continue: 'a/b+c=', labelSelector: 'a=b,c!=d', fieldSelector: 'metadata.name=x' },
      ],
    ]);
  });

  test('unzips what a server that may zip has zipped', async () => {
    const list = { metadata: { resourceVersion: '9' }, items: [pod('zipped')] };
    server.on(
      ({ headers }) => headers['accept-encoding'] === 'gzip',
      answer(200, gzipSync(JSON.stringify(list)), {
        'content-encoding': 'gzip',
        'content-type': 'application/json',
      }),
    );
    await using session = await connected(kubeconfig(server.url));
    const { items } = await session.api.reader.list(PODS, {}, never());
    expect(items.map(({ metadata }) => metadata.name)).toEqual(['zipped']);
  });

  test('asks for metadata alone and still says which kind it is', async () => {
    const partial = { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', ...pod('a') };
    server.on(
      ({ headers }) =>
        headers.accept?.startsWith('application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1') ===
        true,
      page('1', [partial]),
    );
    await using session = await connected(kubeconfig(server.url));
    const { items } = await session.api.reader.list(
      { resource: RESOURCES.Deployment, metadataOnly: true },
      {},
      never(),
    );
    expect(items).toMatchObject([{ kind: 'Deployment', apiVersion: 'apps/v1', metadata: { name: 'a' } }]);
  });

  test('takes the null that Go prints for an empty list', async () => {
    server.on(() => true, answer(200, { metadata: { resourceVersion: '5' }, items: null }));
    await using session = await connected(kubeconfig(server.url));
    expect(await session.api.reader.list(PODS, {}, never())).toEqual({ resourceVersion: '5', items: [] });
  });

  test.each([
    ['a page of HTML', '<html><body>Sign in</body></html>', 'Sign in'],
    ['an object that is no list', { kind: 'Pod', metadata: { name: 'x' } }, 'is not a list'],
  ])('%s in place of a list is no list', async (_, body, says) => {
    server.on(() => true, answer(200, body));
    await using session = await connected(kubeconfig(server.url));
    const fault = await faultFrom(session.api.reader.list(PODS, {}, never()));
    expect(fault.code).toBe('api_unavailable');
    expect(fault.message).toContain(says);
  });
});

describe('get and served', () => {
  test('an object that is not there and a kind that is not there are told apart', async () => {
    const missing = status(404, 'NotFound', 'pods "a" not found', { name: 'a', kind: 'pods' });
    server.on('/api/v1/namespaces/team/pods/a', answer(404, missing));
    await using session = await connected(kubeconfig(server.url));
    const { reader } = session.api;
    expect((await faultFrom(reader.get(RESOURCES.Pod, keyOf('team', 'a')))).code).toBe('not_found');
    expect((await faultFrom(reader.get(RESOURCES.ScaledObject, keyOf('team', 'a')))).code).toBe(
      'kind_not_served',
    );
  });

  test('served follows the discovery document, a few seconds late at most', async () => {
    const clock = new ManualClock();
    const group = '/apis/keda.sh/v1alpha1';
    const document = {
      kind: 'APIResourceList',
      resources: [{ name: 'scaledobjects' }, { name: 'scaledobjects/status' }],
    };
    server.on(
      group,
      answer(404, '404 page not found'),
      answer(200, document),
      answer(200, { resources: [] }),
    );
    await using session = await connected(kubeconfig(server.url), { clock });
    const served = (): Promise<boolean> => session.api.reader.served(RESOURCES.ScaledObject);
    const seen = [await served(), await served()];
    for (let i = 0; i < 2; i++) {
      await clock.pass(seconds(5));
      seen.push(await served());
    }
    expect(seen).toEqual([false, false, true, false]);
  });

  test('a server that does not say is a fault, not a no', async () => {
    server.on(() => true, answer(503, 'service unavailable'));
    await using session = await connected(kubeconfig(server.url));
    expect((await faultFrom(session.api.reader.served(RESOURCES.ScaledObject))).code).toBe('api_unavailable');
  });
});

describe('watch', () => {
  test('says what happened until the server ends it', async () => {
    server.on(
      isWatch,
      stream(
        [
          line('ADDED', pod('a')),
          line('MODIFIED', pod('a')) + line('BOOKMARK', { metadata: { resourceVersion: '12' } }),
          line('DELETED', pod('a')),
        ],
        'end',
      ),
    );
    await using session = await connected(kubeconfig(server.url));
    const events: WatchEvent[] = [];
    await collect(session.api.reader.watch(PODS, from, never()), events);
    const object = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'a', namespace: 'team', uid: 'uid-a' },
    };
    expect(events).toEqual([
      { type: 'ADDED', object },
      { type: 'MODIFIED', object },
      { type: 'BOOKMARK', resourceVersion: '12' },
      { type: 'DELETED', object },
    ]);
    expect(Object.fromEntries(server.requests[0]?.query ?? [])).toEqual({
      watch: 'true',
      allowWatchBookmarks: 'true',
      resourceVersion: '7',
      timeoutSeconds: '300',
    });
  });

  const expired = status(410, 'Expired', 'too old resource version: 7 (99)');
  test.each([
    [
      'an expired version in the stream that stays open',
      stream([line('ERROR', expired)], 'stay'),
      'gone',
      'too old',
    ],
    ['an expired version in the response', answer(410, expired), 'gone', 'too old'],
    [
      'any other error in the stream',
      stream([line('ERROR', status(500, 'InternalError', 'etcd'))], 'stay'),
      'api_unavailable',
      'etcd',
    ],
    ['a reset', stream([], 'reset'), 'api_unavailable', 'closed the connection'],
    ['a line that is not JSON', stream(['{"type":"ADD\n'], 'stay'), 'internal', '{"type":"ADD'],
    ['a line of an unknown type', stream([line('MOVED', pod('a'))], 'stay'), 'internal', 'MOVED'],
    ['a bookmark of nothing', stream([line('BOOKMARK', {})], 'stay'), 'internal', 'BOOKMARK'],
    ['an end within a line', stream(['{"type":"ADDED","obj'], 'end'), 'api_unavailable', 'middle of a line'],
    ['503', answer(503, 'overloaded', { 'retry-after': '3' }), 'api_unavailable', 'overloaded'],
    ['a kind that is gone', answer(404, '404 page not found'), 'kind_not_served', 'pods'],
  ])('%s is a fault after what came before it', async (_, then, code, says) => {
    server.on(isWatch, then);
    await using session = await connected(kubeconfig(server.url));
    const fault = await faultFrom(collect(session.api.reader.watch(PODS, from, never()), []));
    expect(fault).toMatchObject({ code });
    expect(fault.message).toContain(says);
  });

  test('events before a reset are not lost', async () => {
    server.on(isWatch, stream([line('ADDED', pod('a'))], 'reset'));
    await using session = await connected(kubeconfig(server.url));
    const events: WatchEvent[] = [];
    const fault = await faultFrom(collect(session.api.reader.watch(PODS, from, never()), events));
    expect([fault.code, events.length]).toEqual(['api_unavailable', 1]);
  });

  test.each([
    [
      'after the head of the answer',
      stream([line('BOOKMARK', { metadata: { resourceVersion: '8' } })], 'stay'),
      1,
    ],
    ['before the head of the answer', silence, 0],
  ])('silence %s is noticed, and the connection given up', async (_, then, said) => {
    const clock = new ManualClock();
    server.on(isWatch, then);
    await using session = await connected(kubeconfig(server.url), { clock });
    const events: WatchEvent[] = [];
    let fault: Fault | undefined;
    const done = faultFrom(collect(session.api.reader.watch(PODS, from, never()), events)).then(
      (f) => (fault = f),
    );
    while (server.requests.length === 0 || events.length < said) await new Promise((go) => setImmediate(go));
    await clock.pass(seconds(59));
    expect(fault).toBeUndefined();
    await clock.pass(seconds(1));
    expect((await done).message).toContain('said nothing for 60 s');
    while (server.open > 0) await new Promise((go) => setImmediate(go));
  });

  test('a slow caller is not the silence of the server', async () => {
    const clock = new ManualClock();
    server.on(isWatch, stream([line('ADDED', pod('a')) + line('ADDED', pod('b'))], 'end'));
    await using session = await connected(kubeconfig(server.url), { clock });
    const names: string[] = [];
    for await (const event of session.api.reader.watch(PODS, from, never())) {
      await clock.pass(seconds(600));
      if (event.type !== 'BOOKMARK') names.push(event.object.metadata.name);
    }
    expect(names).toEqual(['a', 'b']);
  });

  test('an aborted watch throws the reason and lets go of the connection', async () => {
    server.on(isWatch, stream([line('ADDED', pod('a'))], 'stay'));
    await using session = await connected(kubeconfig(server.url));
    const stop = new AbortController();
    const read = async (): Promise<void> => {
      for await (const event of session.api.reader.watch(PODS, from, stop.signal))
        if (event.type === 'ADDED') stop.abort(new Error('shutting down'));
    };
    await expect(read()).rejects.toThrow('shutting down');
    while (server.open > 0) await new Promise((go) => setImmediate(go));
  });

  test('a caller that stops reading ends the watch', async () => {
    server.on(isWatch, stream([line('ADDED', pod('a'))], 'stay'));
    await using session = await connected(kubeconfig(server.url));
    for await (const event of session.api.reader.watch(PODS, from, never()))
      if (event.type === 'ADDED') break;
    while (server.open > 0) await new Promise((go) => setImmediate(go));
  });
});
