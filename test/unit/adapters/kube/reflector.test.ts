import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { metaView, type HasMeta } from '../../../../src/domain/k8s/meta.ts';
import { RESOURCES } from '../../../../src/domain/k8s/resources.ts';
import { ok } from '../../../../src/domain/result.ts';
import { ms, seconds } from '../../../../src/domain/time.ts';
import { Reflector, type ReflectorTiming } from '../../../../src/engine/reflector.ts';
import { Store } from '../../../../src/engine/store.ts';
import type { Clock } from '../../../../src/ports/clock.ts';
import { systemClock } from '../../../../src/adapters/time/system-clock.ts';
import { ManualClock, settled } from '../../../doubles/manual-clock.ts';
import {
  answer,
  isList,
  isWatch,
  line,
  page,
  reset,
  ScriptedApi,
  silence,
  status,
  stream,
  type Answer,
} from '../../../doubles/scripted-api.ts';
import { connected, folder, kubeconfig, type Connected } from './connected.ts';

const object = (name: string, resourceVersion: string): object => ({
  metadata: { name, namespace: 'team', uid: `uid-${name}`, resourceVersion },
});
const bookmark = (resourceVersion: string): string => line('BOOKMARK', { metadata: { resourceVersion } });
const unauthorized = answer(401, status(401, 'Unauthorized', 'Unauthorized'));
const expired = status(410, 'Expired', 'too old resource version: 10 (50)');

let server: ScriptedApi;
let store: Store<HasMeta>;
beforeEach(async () => {
  server = await ScriptedApi.start();
  store = new Store<HasMeta>({
    indexes: {},
    onBrokenListener: (thrown) => {
      throw thrown;
    },
    clock: systemClock,
  });
});
afterEach(() => server.close());

/** A reflector of pods over the real transport. */
const reflect = (
  { api, telemetry, log }: Connected,
  clock: Clock,
  timing: Partial<ReflectorTiming>,
): Reflector<HasMeta> =>
  new Reflector({
    reader: api.reader,
    selection: { resource: RESOURCES.Pod },
    parse: ({ metadata }) => ok({ metadata: metaView.parse(metadata) }),
    store,
    clock,
    random: () => 0.5,
    telemetry,
    log,
    timing,
  });

/** Runs the reflector over the real transport until the store holds exactly these objects at these versions. */
async function converges(
  wanted: Readonly<Record<string, string>>,
  user: object = { token: 'good' },
): Promise<void> {
  const stop = new AbortController();
  await using session = await connected(kubeconfig(server.url, user));
  const timing = { backoff: { base: ms(1), max: ms(20) }, idle: ms(100), unserved: ms(10) };
  const reflector = reflect(session, systemClock, timing);
  const running = reflector.run(stop.signal);
  const held = (): Record<string, string> =>
    Object.fromEntries([...store.all()].map(({ metadata }) => [metadata.name, metadata.resourceVersion]));
  const giveUp = Date.now() + 4000;
  while (JSON.stringify(held()) !== JSON.stringify(wanted) && Date.now() < giveUp)
    await systemClock.sleep(ms(2));
  stop.abort(new Error('done'));
  await running;
  expect(held()).toEqual(wanted);
}

/** A watch that goes on from version 10 to where `b` exists, and stays. */
const goesOn = stream([line('ADDED', object('b', '12'))], 'stay');
const both = { a: '10', b: '12' };

describe('the first list', () => {
  test.each<[string, Answer]>([
    ['is answered 500', answer(500, status(500, 'InternalError', 'etcdserver: leader changed'))],
    ['is answered 429', answer(429, status(429, 'TooManyRequests', 'wait'), { 'retry-after': '0' })],
    ['is answered 503', answer(503, 'starting')],
    ['is cut', reset],
    ['is cut in the middle', stream(['{"kind":"PodList","items":['], 'reset')],
    ['is a page of HTML', answer(200, '<html>sign in</html>')],
  ])('%s', async (_, fault) => {
    server.on(isWatch, goesOn).on(isList, fault, fault, page('10', [object('a', '10')]));
    await converges(both);
  });

  test('expires between its pages', async () => {
    server
      .on(isWatch, goesOn)
      .on(
        isList,
        page('9', [object('old', '9')], 'token'),
        answer(410, expired),
        page('10', [object('a', '10')]),
      );
    await converges(both);
  });

  test('is refused until the token in the file is a good one', async () => {
    using files = folder();
    const tokenFile = files.write('token', 'old');
    server.on(
      ({ headers }) => headers.authorization !== 'Bearer new',
      (request, response) => {
        files.write('token', 'new');
        unauthorized(request, response);
      },
    );
    server.on(isWatch, goesOn).on(isList, page('10', [object('a', '10')]));
    await converges(both, { tokenFile });
  });
});

describe('the watch', () => {
  test.each<[string, Answer]>([
    ['is cut before it says anything', reset],
    ['is cut in the middle of a line', stream(['{"type":"ADDED","object":{"meta'], 'reset')],
    ['is refused', unauthorized],
    ['is answered 503', answer(503, 'etcd is away')],
    ['is answered 500', answer(500, status(500, 'InternalError', 'x'))],
    ['is ended at once', stream([], 'end')],
    ['says only bookmarks and ends', stream([bookmark('10'), bookmark('11')], 'end')],
    ['says nonsense', stream(['{"type":"ADDED"\n'], 'stay')],
    ['falls silent', stream([bookmark('10')], 'stay')],
    ['is never answered', silence],
    ['reports an error of the server', stream([line('ERROR', status(500, 'InternalError', 'x'))], 'stay')],
  ])('%s', async (_, fault) => {
    server.on(isWatch, fault, fault, goesOn).on(isList, page('10', [object('a', '10')]));
    await converges(both);
  });

  test.each<[string, Answer]>([
    ['in the response', answer(410, expired)],
    ['in the stream that stays open', stream([line('ERROR', expired)], 'stay')],
  ])('expired, %s: what went away meanwhile is gone', async (_, fault) => {
    server
      .on(isWatch, fault, goesOn)
      .on(isList, page('10', [object('a', '10'), object('z', '9')]), page('50', [object('a', '40')]));
    await converges({ a: '40', b: '12' });
  });

  test('goes on from the last bookmark', async () => {
    const from11 = (request: { readonly query: URLSearchParams }): boolean =>
      request.query.get('resourceVersion') === '11';
    server
      .on((request) => isWatch(request) && from11(request), goesOn)
      .on(isWatch, stream([bookmark('11')], 'reset'))
      .on(isList, page('10', [object('a', '10')]));
    await converges(both);
  });

  test('that is ended at once, again and again, is not asked for in a storm', async () => {
    server.on(isWatch, stream([], 'end')).on(isList, page('10', [object('a', '10')]));
    const clock = new ManualClock();
    const stop = new AbortController();
    await using session = await connected(kubeconfig(server.url), { clock });
    const running = reflect(session, clock, {}).run(stop.signal);
    for (let second = 0; second < 60; second++) {
      await clock.pass(seconds(1));
      for (let turn = 0; turn < 50; turn++) await settled();
    }
    stop.abort(new Error('done'));
    await running;
    const watches = server.requests.filter(isWatch).length;
    expect(watches).toBeGreaterThan(2);
    expect(watches).toBeLessThan(15);
  });
});
