import { beforeEach, describe, expect, test } from '@jest/globals';
import { keyOf, type Key } from '../../../../../src/domain/key.ts';
import type { Address } from '../../../../../src/domain/k8s/read/endpoints.ts';
import { err, ok, type Result } from '../../../../../src/domain/result.ts';
import { seconds } from '../../../../../src/domain/time.ts';
import type { ActivatorLoad } from '../../../../../src/domain/zero/activator-metrics.ts';
import { KnativeActivators } from '../../../../../src/processes/controller/zero/knative-activators.ts';
import { ManualClock } from '../../../../doubles/manual-clock.ts';
import { SilentLog } from '../../../../doubles/silent-log.ts';

const KEY = keyOf('team', 'shop-00001');
const QUIET = keyOf('team', 'quiet-00001');

let clock: ManualClock;
let addresses: Address[];
/** What each address tells; nothing is a failure. */
let told: Record<string, Record<Key, ActivatorLoad> | undefined>;
let counted: { readonly key: Key; readonly inFlight: number; readonly requests: number }[];
let changes: boolean[];
let knatives: KnativeActivators;
let stop: AbortController;

beforeEach(() => {
  clock = new ManualClock();
  addresses = [{ ip: '10.8.0.1', targetRef: { name: 'activator-1' } }, { ip: '10.8.0.2' }];
  told = { '10.8.0.1': {}, '10.8.0.2': {} };
  [counted, changes, stop] = [[], [], new AbortController()];
  knatives = new KnativeActivators({
    metrics: {
      ask: (address): Promise<Result<ReadonlyMap<Key, ActivatorLoad>, string>> => {
        const loads = told[address];
        return Promise.resolve(
          loads === undefined
            ? err('no answer')
            : ok(new Map(Object.entries(loads) as [Key, ActivatorLoad][])),
        );
      },
    },
    addresses: () => addresses,
    onLoad: (key, { averageConcurrentRequests: inFlight, requestCount: requests }) =>
      counted.push({ key, inFlight, requests }),
    onHeard: () => changes.push(knatives.heard()),
    clock,
    log: new SilentLog(),
  });
  void knatives.run(stop.signal);
});

const turn = (): Promise<void> => clock.pass(seconds(1));

test('all of them have to tell, and one that falls silent is noticed', async () => {
  await turn();
  expect([knatives.heard(), knatives.inFlight(KEY)]).toEqual([true, 0]);
  told['10.8.0.2'] = undefined;
  for (let i = 0; i < 5; i += 1) await turn();
  expect([knatives.heard(), knatives.inFlight(KEY)]).toEqual([false, undefined]);
  told['10.8.0.2'] = { [KEY]: { inFlight: 1, ended: 0 } };
  await turn();
  await turn();
  expect([knatives.heard(), knatives.inFlight(KEY)]).toEqual([true, 1]);
  expect(changes).toEqual([true, false, true]);
  stop.abort();
});

test('nobody is heard where there are none', async () => {
  addresses = [];
  await turn();
  expect(knatives.heard()).toBe(false);
  stop.abort();
});

describe('what counts', () => {
  test('what is in flight, each second, and what has ended since', async () => {
    told['10.8.0.1'] = { [KEY]: { inFlight: 2, ended: 10 }, [QUIET]: { inFlight: 0, ended: 99 } };
    await turn();
    counted = [];
    told['10.8.0.1'] = { [KEY]: { inFlight: 1, ended: 13 }, [QUIET]: { inFlight: 0, ended: 99 } };
    await turn();
    expect(counted).toEqual([{ key: KEY, inFlight: 1, requests: 3 }]);
    stop.abort();
  });
  test('an activator that started anew has no requests less than none', async () => {
    told['10.8.0.1'] = { [KEY]: { inFlight: 1, ended: 10 } };
    await turn();
    counted = [];
    told['10.8.0.1'] = { [KEY]: { inFlight: 1, ended: 2 } };
    await turn();
    expect(counted).toEqual([{ key: KEY, inFlight: 1, requests: 0 }]);
    stop.abort();
  });
  test('not what it has pushed already', async () => {
    told['10.8.0.1'] = { [KEY]: { inFlight: 4, ended: 0 } };
    knatives.reports('activator-1', clock.now());
    await turn();
    expect(counted).toEqual([]);
    expect(knatives.inFlight(KEY)).toBe(4);
    stop.abort();
  });
});
