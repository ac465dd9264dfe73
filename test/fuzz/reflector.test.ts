import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { KubeObject } from '../../src/domain/k8s/meta.ts';
import { minutes } from '../../src/domain/time.ts';
import { Reflector } from '../../src/engine/reflector.ts';
import { Store } from '../../src/engine/store.ts';
import { parseThing, THINGS, type Thing } from '../builders/thing.ts';
import { ManualClock, settled } from '../doubles/manual-clock.ts';
import { ModelServer, type Trouble } from '../doubles/model-server.ts';
import { SilentLog } from '../doubles/silent-log.ts';
import { TallyingTelemetry } from '../doubles/tallying-telemetry.ts';

const numRuns = Number(process.env['FUZZ_RUNS'] ?? 60);
const name = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f');
const troubles: Trouble[] = [
  'closed',
  'gone',
  'internal',
  'unauthorized',
  'too_many_requests',
  'api_unavailable',
  'kind_not_served',
];
const action = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant('put' as const), name }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('delete' as const), name }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('compact' as const) }) },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant('trouble' as const), trouble: fc.constantFrom(...troubles) }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant('pass' as const), ms: fc.integer({ min: 0, max: 20_000 }) }),
  },
);
type Action = typeof action extends fc.Arbitrary<infer A> ? A : never;

const carryOut = async (act: Action, server: ModelServer, clock: ManualClock): Promise<void> => {
  if (act.do === 'put') server.put(act.name);
  else if (act.do === 'delete') server.delete(act.name);
  else if (act.do === 'compact') server.compact();
  else if (act.do === 'trouble') server.trouble(act.trouble);
  else await clock.pass(act.ms);
  if (act.do !== 'pass') await settled();
};

const versions = (items: Iterable<Thing | KubeObject>): unknown[] =>
  [...items].map((item) => [item.metadata.name, item.metadata.resourceVersion]).sort();

test('whatever happens on the way, the store ends equal to the server, and its listeners saw that', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(action, { maxLength: 50 }),
      fc.integer({ min: 1, max: 4 }),
      async (actions, pageSize) => {
        const clock = new ManualClock();
        const server = new ModelServer(clock, pageSize);
        const store = new Store<Thing>({ indexes: {}, onBrokenListener: () => undefined, clock });
        const mirror = new Map<string, Thing>();
        store.subscribe((key, _before, after) =>
          after === undefined ? mirror.delete(key) : mirror.set(key, after),
        );
        const stop = new AbortController();
        const reflector = new Reflector<Thing>({
          reader: server,
          selection: { resource: THINGS },
          parse: parseThing,
          store,
          clock,
          random: () => 0.5,
          telemetry: new TallyingTelemetry(),
          log: new SilentLog(),
        });
        const ended = reflector.run(stop.signal);
        for (const act of actions) await carryOut(act, server, clock);
        server.troubles.length = 0;
        await clock.pass(minutes(2));
        stop.abort();
        await ended;
        expect(versions(store.all())).toEqual(versions(server.objects.values()));
        expect(versions(mirror.values())).toEqual(versions(store.all()));
      },
    ),
    { numRuns },
  );
}, 600_000);
