import { beforeEach, describe, expect, test } from '@jest/globals';
import { keyOf, type Key } from '../../../../../src/domain/key.ts';
import { ms } from '../../../../../src/domain/time.ts';
import { endpointsStep, Redirect } from '../../../../../src/processes/controller/zero/redirect.ts';
import { ManualClock } from '../../../../doubles/manual-clock.ts';
import { SilentLog } from '../../../../doubles/silent-log.ts';

const keys = Array.from({ length: 100 }, (_, i) => keyOf('team', `shop-${i}`));
const CLOSED = keys[0]!;
const UP_TO_DATE = keys[1]!;
const REFUSED = keys[2]!;

let clock: ManualClock;
/** Who holds requests now; and who stands in the Endpoints of each. */
let activator: string;
let stands: Map<Key, string>;
let again: Key[];
let [under, most] = [0, 0];
let redirect: Redirect;
beforeEach(() => {
  clock = new ManualClock();
  [activator, again, under, most] = ['new', [], 0, 0];
  stands = new Map(keys.map((key) => [key, key === UP_TO_DATE ? 'new' : 'old']));
  redirect = new Redirect({
    held: () => keys,
    stepFor: (key) =>
      stands.get(key) === activator
        ? undefined
        : endpointsStep([
            {
              do: 'apply',
              kind: 'Service',
              object: { apiVersion: 'v1', kind: 'Service', metadata: { name: 'other' } },
            },
            {
              do: 'apply',
              kind: 'Endpoints',
              object: { apiVersion: 'v1', kind: 'Endpoints', metadata: { name: activator } },
            },
          ]),
    write: async (key, { object }) => {
      most = Math.max(most, ++under);
      await clock.sleep(ms(10));
      under -= 1;
      if (key === REFUSED) return false;
      stands.set(key, object.metadata.name);
      return true;
    },
    again: (key) => again.push(key),
    gate: { isOpen: (key) => key !== CLOSED },
    clock,
    log: new SilentLog(),
  });
});

const leadingTo = (name: string): number => [...stands.values()].filter((one) => one === name).length;

describe('other activators', () => {
  test('stand in the Endpoints of all that we lead for, some at a time', async () => {
    redirect.start();
    await clock.pass(ms(100));
    expect([leadingTo('new'), stands.get(CLOSED), most]).toEqual([98, 'old', 12]);
    expect(again).toEqual([UP_TO_DATE, REFUSED]);
  });
  test('that change meanwhile are led to in the end', async () => {
    redirect.start();
    await clock.pass(ms(15));
    activator = 'newest';
    redirect.start();
    await clock.pass(ms(300));
    expect(leadingTo('newest')).toBe(98);
  });
  test('are written no more once it stops', async () => {
    redirect.start();
    await clock.pass(ms(15));
    redirect.stop();
    await clock.pass(ms(300));
    expect(leadingTo('old')).toBeGreaterThan(50);
  });
});
