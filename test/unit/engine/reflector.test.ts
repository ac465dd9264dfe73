import { afterEach, describe, expect, test } from '@jest/globals';
import type { Fault, FaultCode } from '../../../src/domain/fault.ts';
import { minutes, seconds } from '../../../src/domain/time.ts';
import { Reflector } from '../../../src/engine/reflector.ts';
import { Store } from '../../../src/engine/store.ts';
import type { Page } from '../../../src/ports/kube.ts';
import { parseThing, thingObject, THINGS, type Thing } from '../../builders/thing.ts';
import { ManualClock } from '../../doubles/manual-clock.ts';
import { ScriptedReader, type Frame, type ListAnswer } from '../../doubles/scripted-reader.ts';
import { SilentLog } from '../../doubles/silent-log.ts';
import { TallyingTelemetry } from '../../doubles/tallying-telemetry.ts';

let stop = new AbortController();
afterEach(() => stop.abort());

const start = (
  script: { readonly lists: readonly ListAnswer[]; readonly watches?: readonly (readonly Frame[])[] },
  optional = false,
) => {
  stop = new AbortController();
  const clock = new ManualClock();
  const reader = new ScriptedReader(clock, script);
  const store = new Store<Thing>({ indexes: {}, onBrokenListener: () => undefined, clock });
  const telemetry = new TallyingTelemetry();
  const log = new SilentLog();
  const served: boolean[] = [];
  const reflector = new Reflector<Thing>({
    reader,
    selection: { resource: THINGS },
    parse: parseThing,
    store,
    optional,
    onServed: (is) => served.push(is),
    clock,
    random: () => 0.999,
    telemetry,
    log,
  });
  let ended = false;
  void reflector.run(stop.signal).then(() => (ended = true));
  return { clock, reader, store, telemetry, log, served, ended: () => ended };
};

const page = (resourceVersion: string, names: readonly string[], next?: string): Page => ({
  items: names.map((name) => thingObject(name, resourceVersion)),
  resourceVersion,
  ...(next === undefined ? {} : { continue: next }),
});
const fault = (code: FaultCode, more: Partial<Fault> = {}): { readonly fault: Fault } => ({
  fault: { code, message: `scripted ${code}`, ...more },
});
const added = (name: string, version: string): Frame => ({
  type: 'ADDED',
  object: thingObject(name, version),
});
const deleted = (name: string, version: string): Frame => ({
  type: 'DELETED',
  object: thingObject(name, version),
});
const contents = (store: Store<Thing>): string[] =>
  [...store.all()].map(({ metadata }) => `${metadata.name}@${metadata.resourceVersion}`).sort();

test('a list in pages and a stream fill the store', async () => {
  const { clock, store, telemetry, served } = start({
    lists: [page('5', ['a', 'b'], 'p2'), page('5', ['c'])],
    watches: [[added('d', '6'), deleted('a', '7'), added('b', '8'), 'quiet']],
  });
  await clock.pass(1);
  expect(contents(store)).toEqual(['b@8', 'c@5', 'd@6']);
  expect(store.synced).toBe(true);
  expect(served).toEqual([true]);
  expect(telemetry.valueOf('hpa_bridge_caches_synced', { resource: 'things' })).toBe(1);
  expect(telemetry.valueOf('hpa_bridge_cache_objects', { resource: 'things' })).toBe(3);
});

describe('faults of the first list', () => {
  for (const code of [
    'internal',
    'too_many_requests',
    'unauthorized',
    'forbidden',
    'api_unavailable',
  ] as const)
    test(`${code}, and then a good one`, async () => {
      const { clock, store } = start({ lists: [fault(code), fault(code), page('5', ['a'])] });
      await clock.pass(seconds(0.5));
      expect(store.synced).toBe(false);
      await clock.pass(seconds(2));
      expect(contents(store)).toEqual(['a@5']);
    });

  test('the wait that the server asks for is kept', async () => {
    const { clock, store } = start({
      lists: [fault('too_many_requests', { retryAfterMs: 20_000 }), page('5', ['a'])],
    });
    await clock.pass(seconds(19.9));
    expect(store.synced).toBe(false);
    await clock.pass(seconds(1));
    expect(contents(store)).toEqual(['a@5']);
  });

  test('a continue token that expired restarts the list; a page that failed is asked for again', async () => {
    const { clock, store, reader } = start({
      lists: [
        page('5', ['a', 'b'], 'p2'),
        fault('api_unavailable'),
        fault('gone'),
        page('9', ['b'], 'q2'),
        page('9', ['c']),
      ],
    });
    await clock.pass(seconds(10));
    expect(contents(store)).toEqual(['b@9', 'c@9']);
    expect(reader.listed).toEqual(['start', 'p2', 'p2', 'start', 'q2']);
  });
});

describe('faults of the stream', () => {
  const rows: Record<string, { readonly end: readonly Frame[]; readonly from: string }> = {
    'a reset mid-watch resumes where it was': { end: [fault('api_unavailable')], from: '6' },
    'refused credentials resume where it was': { end: [fault('unauthorized')], from: '6' },
    'a line that is not JSON resumes where it was': { end: [fault('internal')], from: '6' },
    'a silent stream resumes where it was': { end: ['silence'], from: '6' },
    'a stream that ends in good order resumes where it was': { end: [], from: '6' },
    'a bookmark moves where it resumes': {
      end: [{ type: 'BOOKMARK', resourceVersion: '40' }, fault('api_unavailable')],
      from: '40',
    },
  };
  for (const [name, { end, from }] of Object.entries(rows))
    test(name, async () => {
      const { clock, store, reader } = start({
        lists: [page('5', ['a'])],
        watches: [
          [added('b', '6'), ...end],
          [added('c', '41'), 'quiet'],
        ],
      });
      await clock.pass(minutes(2));
      expect(contents(store)).toEqual(['a@5', 'b@6', 'c@41']);
      expect(reader.listed).toEqual(['start']);
      expect(reader.watched.map((watch) => watch.from)).toEqual(['5', from]);
    });

  for (const [name, frames] of Object.entries({
    'in the response': [fault('gone')],
    'in the stream': [added('b', '6'), fault('gone')],
  }))
    test(`a 410 ${name} reads the list again and removes what vanished meanwhile`, async () => {
      const { clock, store, telemetry } = start({
        lists: [page('5', ['a', 'old']), page('50', ['a', 'c'])],
        watches: [frames, ['quiet']],
      });
      await clock.pass(seconds(5));
      expect(contents(store)).toEqual(['a@50', 'c@50']);
      expect(
        telemetry.valueOf('hpa_bridge_watch_restarts_total', { resource: 'things', cause: 'gone' }),
      ).toBe(1);
    });

  test('readers keep what they have while the list is read again and fails', async () => {
    const { clock, store } = start({
      lists: [page('5', ['a']), fault('api_unavailable')],
      watches: [[fault('gone')]],
    });
    await clock.pass(minutes(5));
    expect(contents(store)).toEqual(['a@5']);
  });

  test('a version at which every stream breaks is given up for a new list', async () => {
    const { clock, store, reader } = start({
      lists: [page('99', ['ghost']), page('7', ['a'])],
      watches: [...Array.from({ length: 4 }, () => [fault('api_unavailable')]), ['quiet']],
    });
    await clock.pass(minutes(1));
    expect(contents(store)).toEqual(['a@7']);
    expect(reader.watched.map((watch) => watch.from)).toEqual(['99', '99', '99', '99', '7']);
  });

  test('bookmarks alone keep a stream alive', async () => {
    const { clock, reader } = start({ lists: [page('5', ['a'])], watches: [['quiet']] });
    await clock.pass(minutes(9));
    expect(reader.watched).toHaveLength(1);
  });
});

describe('load on the server', () => {
  const opensIn = async (frames: readonly Frame[]): Promise<number> => {
    const { clock, reader } = start({ lists: [page('5', ['a'])], watches: [frames] });
    await clock.pass(minutes(10));
    return reader.watched.length;
  };

  test('a server that closes each stream at once is not hammered', async () => {
    expect(await opensIn([])).toBeLessThan(30);
  });
  test('nor one that closes after each frame', async () => {
    expect(await opensIn([{ type: 'BOOKMARK', resourceVersion: '5' }])).toBeLessThanOrEqual(1300);
  });
  test('a stream that lived its time is opened again at once', async () => {
    const { clock, reader } = start({ lists: [page('5', ['a'])], watches: [[{ wait: minutes(5) }]] });
    await clock.pass(minutes(11));
    expect(reader.watched.map((watch) => watch.at)).toEqual([0, 300_000, 600_000]);
  });
  test('a server whose every stream is gone at once is listed at a falling rate', async () => {
    const { clock, reader } = start({ lists: [page('5', ['a'])], watches: [[fault('gone')]] });
    await clock.pass(minutes(10));
    expect(reader.listed.length).toBeLessThan(30);
  });
});

describe('a kind that may be missing', () => {
  test('it counts as synced and empty, and is filled when it appears', async () => {
    const { clock, store, reader, served } = start({ lists: [fault('kind_not_served')] }, true);
    reader.isServed = false;
    await clock.pass(seconds(1));
    expect([store.synced, store.size, served]).toEqual([true, 0, [false]]);
    reader.isServed = true;
    reader.answer([page('5', ['a'])]);
    await clock.pass(seconds(15));
    expect([contents(store), served]).toEqual([['a@5'], [false, true]]);
  });

  test('its objects go with it', async () => {
    const { clock, store, reader, served } = start(
      { lists: [page('5', ['a'])], watches: [[{ wait: seconds(60) }, fault('kind_not_served')]] },
      true,
    );
    await clock.pass(seconds(59));
    expect(contents(store)).toEqual(['a@5']);
    reader.isServed = false;
    reader.answer([fault('kind_not_served')]);
    await clock.pass(seconds(2));
    expect([contents(store), served]).toEqual([[], [true, false]]);
  });

  test('a 404 that discovery does not confirm empties nothing', async () => {
    const { clock, store } = start(
      { lists: [page('5', ['a']), fault('not_found')], watches: [[fault('not_found')]] },
      true,
    );
    await clock.pass(minutes(5));
    expect(contents(store)).toEqual(['a@5']);
  });

  test('a kind that we cannot do without is not synced while it is missing', async () => {
    const { clock, store, reader } = start({ lists: [fault('kind_not_served')] });
    reader.isServed = false;
    await clock.pass(minutes(1));
    expect(store.synced).toBe(false);
  });
});

describe('an object that cannot be read', () => {
  const broken = (version: string): Frame => ({
    type: 'MODIFIED',
    object: thingObject('a', version, {}, { size: 'large' }),
  });

  test('keeps its last good version, is reported once per version, and stops nobody else', async () => {
    const { clock, store, telemetry, log } = start({
      lists: [page('5', ['a'])],
      watches: [[broken('6'), broken('6'), broken('7'), added('b', '8'), 'quiet']],
    });
    await clock.pass(1);
    expect(contents(store)).toEqual(['a@5', 'b@8']);
    expect(telemetry.valueOf('hpa_bridge_objects_unreadable_total', { resource: 'things' })).toBe(2);
    expect(log.lines.map(({ level, fields }) => [level, fields.key, fields.version])).toEqual([
      ['warn', 'ns/a', '6'],
      ['warn', 'ns/a', '7'],
    ]);
  });

  test('is removed when it is deleted', async () => {
    const { clock, store } = start({
      lists: [page('5', ['a'])],
      watches: [[broken('6'), deleted('a', '7'), 'quiet']],
    });
    await clock.pass(1);
    expect(contents(store)).toEqual([]);
  });

  test('comes in with the version that can be read', async () => {
    const { clock, store } = start({
      lists: [page('5', [])],
      watches: [[broken('6'), added('a', '7'), 'quiet']],
    });
    await clock.pass(1);
    expect(contents(store)).toEqual(['a@7']);
  });
});

test('on stop it ends, whatever it was doing', async () => {
  for (const script of [
    { lists: [page('5', ['a'])], watches: [['quiet' as const]] },
    { lists: [fault('api_unavailable')] },
  ]) {
    const { clock, ended } = start(script);
    await clock.pass(seconds(0.1));
    stop.abort();
    await clock.pass(0);
    expect(ended()).toBe(true);
  }
});

test('a large page gives way to others while it is read', async () => {
  const names = Array.from({ length: 500 }, (_, i) => `thing-${i}`);
  const { store, clock } = start({ lists: [page('5', names)] });
  clock.busy = true;
  let turns = 0;
  const tick = (): void => {
    if (store.synced) return;
    turns += 1;
    setImmediate(tick);
  };
  tick();
  await store.untilSynced(stop.signal);
  expect([store.size, turns >= 500]).toEqual([500, true]);
});
