import { describe, expect, test } from '@jest/globals';
import { NO_STAT } from '../../../../../src/domain/scale/stat.ts';
import { err, ok } from '../../../../../src/domain/result.ts';
import { instant, seconds } from '../../../../../src/domain/time.ts';
import type { StatSource } from '../../../../../src/ports/stat-source.ts';
import { scrapeRound, type Round } from '../../../../../src/processes/controller/pods/scrape-round.ts';

type Answer = Awaited<ReturnType<StatSource['ask']>>;
const stat = (podName: string, averageConcurrentRequests: number, processUptime = 100): Answer =>
  ok({ ...NO_STAT, podName, averageConcurrentRequests, processUptime });
const mesh = err({ message: 'status 503', likeMesh: true });
const broken = err({ message: 'refused', likeMesh: false });

const NOW = instant(1_767_225_600_000);
const round = (pods: number, changed: Partial<Round> = {}): Round => ({
  pods: Array.from({ length: pods }, (_, index) => ({ address: `10.0.0.${index}`, startedAt: undefined })),
  service: 'hello-private.default',
  window: seconds(60),
  reach: { mesh: 'auto', passthrough: false, podsAddressable: true },
  now: NOW,
  random: () => 0.5,
  ...changed,
});
/** Answers by host; how many were asked at most at the same time. */
function answers(of: (host: string, turn: number) => Answer): StatSource & { most: number; asked: string[] } {
  let open = 0;
  const source = {
    most: 0,
    asked: [] as string[],
    ask: async (host: string): Promise<Answer> => {
      source.asked.push(host);
      source.most = Math.max(source.most, ++open);
      await new Promise((resolve) => setImmediate(resolve));
      open -= 1;
      return of(host, source.asked.length);
    },
  };
  return source;
}

describe('pods by address', () => {
  test('the sample stands for all', async () => {
    const source = answers((host) => stat(host, 2));
    const { told } = await scrapeRound(source, round(100));
    expect(told).toMatchObject({ ok: true, value: { averageConcurrentRequests: 200 } });
    expect(new Set(source.asked).size).toBe(14);
    expect(source.most).toBe(14);
  });

  test('are asked in the name of their Service where the mesh lets through, and that alone is believed', async () => {
    const reach = { mesh: 'auto', passthrough: true, podsAddressable: true } as const;
    const named: unknown[] = [];
    const source: StatSource = {
      ask: (host, inNameOf) => {
        named.push([host, inNameOf]);
        return Promise.resolve(mesh);
      },
    };
    expect(await scrapeRound(source, round(1, { reach }))).toEqual({
      told: { ok: false, error: { is: 'not-addressable' } },
      reach,
    });
    expect(named).toEqual([['10.0.0.0', 'hello-private.default']]);
  });

  test('for one that fails another is asked', async () => {
    const source = answers((host) => (host === '10.0.0.0' ? broken : stat(host, 1)));
    const { told } = await scrapeRound(source, round(10));
    expect(told).toMatchObject({ ok: true, value: { averageConcurrentRequests: 10 } });
  });

  test('all are needed where there are few, and what is told does not stand for who is silent', async () => {
    const { told } = await scrapeRound(
      answers((host) => (host === '10.0.0.0' ? broken : stat(host, 1))),
      round(3),
    );
    expect(told).toEqual(err({ is: 'pods-exhausted', answered: 2, needed: 3 }));
  });

  test('no pods are no evidence', async () => {
    const source = answers(() => broken);
    expect((await scrapeRound(source, round(0))).told).toEqual(ok(undefined));
    expect(source.asked).toEqual([]);
  });
});

describe('behind a mesh', () => {
  test('the Service is asked once every pod answers as a mesh does, and from then on alone', async () => {
    const source = answers((host, turn) => (host.startsWith('10.') ? mesh : stat(`pod-${turn}`, 3)));
    const first = await scrapeRound(source, round(2));
    expect(first.told).toMatchObject({ ok: true, value: { averageConcurrentRequests: 6 } });
    expect(first.reach.podsAddressable).toBe(false);
    source.asked.length = 0;
    await scrapeRound(source, round(2, { reach: first.reach }));
    expect(new Set(source.asked)).toEqual(new Set(['hello-private.default']));
  });

  test('a Service that does not answer either changes nothing about how pods are asked', async () => {
    const { told, reach } = await scrapeRound(
      answers(() => mesh),
      round(2),
    );
    expect(told).toMatchObject({ ok: false, error: { is: 'too-few-by-service', needed: 2 } });
    expect(reach.podsAddressable).toBe(true);
  });

  test('one pod again and again is no two pods', async () => {
    const reach = { mesh: 'enabled', passthrough: false, podsAddressable: true } as const;
    const { told } = await scrapeRound(
      answers(() => stat('the-same', 3)),
      round(2, { reach }),
    );
    expect(told).toMatchObject({ ok: false, error: { because: { is: 'seen-before' } } });
  });
});
