import { beforeEach, describe, expect, test } from '@jest/globals';
import { keyOf, type Key } from '../../../../../src/domain/key.ts';
import { err, ok } from '../../../../../src/domain/result.ts';
import { NO_STAT } from '../../../../../src/domain/scale/stat.ts';
import type { Inquiry } from '../../../../../src/domain/plan/world.ts';
import { seconds } from '../../../../../src/domain/time.ts';
import type { Keeper } from '../../../../../src/domain/k8s/knative-services.ts';
import { Inquiries } from '../../../../../src/processes/controller/zero/inquiries.ts';
import { ManualClock } from '../../../../doubles/manual-clock.ts';
import { SilentLog } from '../../../../doubles/silent-log.ts';
import { TallyingTelemetry } from '../../../../doubles/tallying-telemetry.ts';

const KEY = keyOf('team', 'shop-00001');
const INQUIRY = { endpoints: '7', clusterIP: '10.0.0.1', port: 80, of: 'bridge' } as const;

let clock: ManualClock;
let open: boolean;
let heard: Key[];
/** Who answers through the Service, in turn; and what each address says of requests in flight. */
let whose: (Keeper | undefined)[];
let atKnative: number | undefined;
let inFlight: Record<string, number | undefined>;
let inquiries: Inquiries;

beforeEach(() => {
  clock = new ManualClock();
  [open, heard] = [true, []];
  [whose, atKnative] = [['bridge'], 5];
  inFlight = { '10.9.0.1': 0, '10.9.0.2': 0, '10.1.0.1': 0 };
  let turn = 0;
  inquiries = new Inquiries({
    client: {
      whoAnswers: () => Promise.resolve(whose[turn++ % whose.length]),
      inFlight: (address) => Promise.resolve(inFlight[address]),
    },
    stats: {
      ask: (address) => {
        const count = inFlight[address];
        return Promise.resolve(
          count === undefined
            ? err({ message: 'no answer', likeMesh: false })
            : ok({ ...NO_STAT, averageConcurrentRequests: count }),
        );
      },
    },
    activators: () => ['10.9.0.1', '10.9.0.2'],
    atKnative: (_key, of) => (of === 'knative' ? atKnative : 0),
    pods: () => ['10.1.0.1'],
    onEvidence: (key) => heard.push(key),
    gate: { isOpen: () => open },
    clock,
    telemetry: new TallyingTelemetry(),
    log: new SilentLog(),
  });
});

async function found(
  inquiry: Inquiry = INQUIRY,
): Promise<{ readonly inPath: boolean; readonly inFlight: number | undefined } | undefined> {
  inquiries.want(KEY, inquiry);
  await clock.pass(seconds(0));
  const evidence = inquiries.evidence(KEY);
  return evidence && { inPath: evidence.inPath, inFlight: evidence.inFlight };
}

describe('what is found out', () => {
  test('nothing in flight, and activators of ours in the path', async () => {
    expect(await found()).toEqual({ inPath: true, inFlight: 0 });
    expect(heard).toEqual([KEY]);
    expect(inquiries.evidence(KEY)).toMatchObject({ endpoints: '7', at: clock.now() });
  });
  test('requests at an activator and at a pod', async () => {
    Object.assign(inFlight, { '10.9.0.2': 2, '10.1.0.1': 0.5 });
    expect(await found()).toEqual({ inPath: true, inFlight: 2.5 });
  });
  test.each(['10.9.0.1', '10.1.0.1'])('nothing, where %s does not say', async (address) => {
    inFlight[address] = undefined;
    expect(await found()).toEqual({ inPath: true, inFlight: undefined });
  });
  test('one of several answers came from somewhere else', async () => {
    whose = ['bridge', 'bridge', undefined];
    expect(await found()).toEqual({ inPath: false, inFlight: undefined });
  });
});

describe('where activators of Knative have to answer', () => {
  const KNATIVES = { ...INQUIRY, of: 'knative' } as const;
  test.each<[string, typeof whose, number | undefined, Awaited<ReturnType<typeof found>>]>([
    ['what they hold counts', ['knative'], 2, { inPath: true, inFlight: 2 }],
    [
      'one that does not tell may hold something',
      ['knative'],
      undefined,
      { inPath: true, inFlight: undefined },
    ],
    ['one of ours is not the one that was meant', ['bridge'], 0, { inPath: false, inFlight: undefined }],
  ])('%s', async (_name, answers, held, expected) => {
    [whose, atKnative] = [answers, held];
    expect(await found(KNATIVES)).toEqual(expected);
  });
});

describe('it is asked again', () => {
  test('each second, for as long as it is wanted, whoever repeats that it is', async () => {
    await found();
    for (let i = 0; i < 5; i += 1) inquiries.want(KEY, INQUIRY);
    await clock.pass(seconds(0));
    expect(heard).toHaveLength(1);
    await clock.pass(seconds(3));
    expect(heard).toHaveLength(4);
    inquiries.want(KEY, undefined);
    expect(inquiries.evidence(KEY)).toBeUndefined();
    await clock.pass(seconds(3));
    expect(heard).toHaveLength(4);
  });
  test('at once about other Endpoints', async () => {
    await found();
    inquiries.want(KEY, { ...INQUIRY, endpoints: '8' });
    await clock.pass(seconds(0));
    expect(inquiries.evidence(KEY)?.endpoints).toBe('8');
  });
  test('not by who leads no longer', async () => {
    open = false;
    expect(await found()).toBeUndefined();
    await clock.pass(seconds(5));
    expect(heard).toEqual([]);
  });
  test('not after the end', async () => {
    inquiries.stop();
    expect(await found()).toBeUndefined();
  });
});
