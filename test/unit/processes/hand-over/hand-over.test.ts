import { beforeEach, describe, expect, test } from '@jest/globals';
import type { JsonObject } from '../../../../src/domain/json.ts';
import { FaultError } from '../../../../src/domain/fault.ts';
import type { KubeObject } from '../../../../src/domain/k8s/meta.ts';
import { keyOf, nameOf, namespaceOf, type Key } from '../../../../src/domain/key.ts';
import { seconds } from '../../../../src/domain/time.ts';
import {
  handOver,
  type HandOver,
  type HandOverParts,
} from '../../../../src/processes/hand-over/hand-over.ts';
import { handOverLine } from '../../../../src/processes/hand-over/wire.ts';
import { HPA_CLASS } from '../../../builders/world.ts';
import { ManualClock } from '../../../doubles/manual-clock.ts';

const [A, B, THEIRS] = [keyOf('shops', 'a-00001'), keyOf('shops', 'b-00001'), keyOf('shops', 'kpa-00001')];
let clock: ManualClock;
let said: string[];
/** The kind that owns each public Service, and what was asked for. */
let owners: Map<Key, string>;
let asked: Map<Key, JsonObject>;
/** Whether the controller does what it is asked for. */
let works: boolean;
let parts: HandOverParts;
beforeEach(() => {
  [clock, said, works] = [new ManualClock(), [], true];
  owners = new Map([A, B, THEIRS].map((key) => [key, 'ServerlessService']));
  asked = new Map();
  const object = (key: Key, rest: JsonObject): KubeObject => ({
    apiVersion: 'v1',
    kind: 'Any',
    metadata: { name: nameOf(key), namespace: namespaceOf(key), ...rest },
    spec: { scaleTargetRef: {} },
  });
  parts = {
    reader: {
      // One on each page.
      list: (_selection, { continue: from = '0' }) => {
        const key = [A, B, THEIRS][Number(from)]!;
        const metadata = {
          annotations: { 'autoscaling.knative.dev/class': key === THEIRS ? 'kpa' : HPA_CLASS },
        };
        const next = Number(from) < 2 ? { continue: String(Number(from) + 1) } : {};
        return Promise.resolve({ items: [object(key, metadata)], resourceVersion: '1', ...next });
      },
      get: (_resource, key) => {
        const kind = owners.get(key);
        if (kind === undefined) throw new FaultError({ code: 'not_found', message: 'none' });
        const owner = { apiVersion: 'v1', kind, name: nameOf(key), uid: 'u', controller: true };
        return Promise.resolve(object(key, { ownerReferences: [owner] }));
      },
    },
    writer: {
      merge: (_resource, key, body) => {
        asked.set(key, body);
        if (works) clock.after(seconds(3), () => owners.set(key, 'PodAutoscaler'));
        return Promise.resolve(object(key, {}));
      },
    },
    classes: new Set([HPA_CLASS]),
    clock,
    say: (line) => said.push(line),
  };
});

async function run(what: Partial<HandOver>): Promise<boolean> {
  const all = { to: 'bridge', revisions: undefined, namespace: undefined, dryRun: false, ...what } as const;
  let done: boolean | undefined;
  const running = handOver(parts, all, new AbortController().signal).then((is) => (done = is));
  await clock.until(() => done !== undefined, seconds(600));
  return running;
}

test('all revisions of our classes change hands, one after the other', async () => {
  expect(await run({})).toBe(true);
  expect(said).toEqual([
    'shops/a-00001: PodAutoscaler owns its Services',
    'shops/b-00001: PodAutoscaler owns its Services',
  ]);
  expect(asked.get(A)).toEqual({ metadata: { annotations: { 'hpa-bridge.dev/services': 'bridge' } } });
  expect(owners.get(THEIRS)).toBe('ServerlessService');
});

test('what is done already is left alone', async () => {
  owners.set(A, 'PodAutoscaler');
  expect(await run({ revisions: [A] })).toBe(true);
  expect(said).toEqual(['shops/a-00001: PodAutoscaler owns its Services already']);
  expect(asked.size).toBe(0);
});

test('nothing is asked for where it is only to be said', async () => {
  expect(await run({ dryRun: true })).toBe(true);
  expect(said).toEqual([
    'shops/a-00001: would be asked for hpa-bridge.dev/services=bridge',
    'shops/b-00001: would be asked for hpa-bridge.dev/services=bridge',
  ]);
  expect(asked.size).toBe(0);
});

test('one that takes too long does not keep the others from their turn', async () => {
  works = false;
  owners.delete(A);
  expect(await run({})).toBe(false);
  expect(said).toEqual([
    'shops/a-00001: asked for hpa-bridge.dev/services=bridge, and not done within 120 s',
    'shops/b-00001: asked for hpa-bridge.dev/services=bridge, and not done within 120 s',
  ]);
});

describe('the command line', () => {
  const line = (names: readonly string[], options: Record<string, string | boolean> = {}): unknown =>
    handOverLine('knative', { arguments: names, options });
  const common = { to: 'knative', namespace: undefined, dryRun: false };
  test.each<[string, unknown, unknown]>([
    [
      'names',
      line(['a', 'b']),
      { ok: true, value: { ...common, revisions: [keyOf('default', 'a'), keyOf('default', 'b')] } },
    ],
    [
      'a namespace',
      line(['a'], { namespace: 'shops', dryRun: true }),
      {
        ok: true,
        value: { to: 'knative', namespace: 'shops', dryRun: true, revisions: [keyOf('shops', 'a')] },
      },
    ],
    ['all', line([], { all: true }), { ok: true, value: { ...common, revisions: undefined } }],
    ['nothing', line([]), { ok: false, error: 'expected REVISION or --all, for example shop-00001' }],
    ['both', line(['a'], { all: true }), { ok: false, error: 'expected REVISION or --all, and not both' }],
  ])('%s', (_name, read, expected) => expect(read).toEqual(expected));
});
