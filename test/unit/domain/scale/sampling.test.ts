import { describe, expect, test } from '@jest/globals';
import { FAULTS } from '../../../../src/domain/fault.ts';
import { PodSample, scrapeOrder, type ReadyPod } from '../../../../src/domain/scale/pod-sample.ts';
import { sampleSize } from '../../../../src/domain/scale/sample-size.ts';
import { faultOfProblem, sentenceOfProblem } from '../../../../src/domain/scale/scrape-problem.ts';
import { afterService, asksServiceAfter, firstAsked } from '../../../../src/domain/scale/scrape-route.ts';
import { ServiceSample } from '../../../../src/domain/scale/service-sample.ts';
import { NO_STAT, type Stat } from '../../../../src/domain/scale/stat.ts';
import { instant, seconds } from '../../../../src/domain/time.ts';

const NOW = instant(1_700_000_000_000);
const WINDOW = seconds(60);
const pod = (address: string, age: number): ReadyPod => ({ address, startedAt: instant(NOW - age * 1000) });
const pods = (count: number, age: number): readonly ReadyPod[] =>
  Array.from({ length: count }, (_, index) => pod(`${age}-${index}`, age));
const statOf = (podName: string, averageConcurrentRequests: number, processUptime = 100): Stat => ({
  ...NO_STAT,
  podName,
  averageConcurrentRequests,
  processUptime,
});

test('few pods are all asked, many by a sample of at most 16', () => {
  expect([0, 1, 3, 4, 10, 100, 1_000_000].map(sampleSize)).toEqual([0, 1, 3, 4, 7, 14, 16]);
});

describe('the order of asking', () => {
  const addresses = (list: readonly ReadyPod[], random: () => number): readonly string[] =>
    scrapeOrder(list, WINDOW, NOW, random).map(({ address }) => address);

  test('pods that have lived through a window come first', () => {
    const order = addresses(
      [...pods(2, 5), pod('old', 60), { address: 'unknown', startedAt: undefined }],
      () => 0,
    );
    expect(order[0]).toBe('old');
  });

  test('of too few old pods all are asked, and the young ones are shuffled', () => {
    const order = addresses([...pods(2, 60), ...pods(3, 5)], () => 0);
    expect(order.slice(0, 2)).toEqual(['60-0', '60-1']);
    expect(order.slice(2)).not.toEqual(['5-0', '5-1', '5-2']);
    expect(order.slice(2).toSorted()).toEqual(['5-0', '5-1', '5-2']);
  });

  test('of enough old pods others are asked each time', () => {
    const old = pods(10, 60);
    expect(addresses(old, () => 0)).not.toEqual(addresses(old, () => 0.9));
    expect(addresses(old, () => 0).toSorted()).toEqual(old.map(({ address }) => address).toSorted());
  });
});

describe('asking pods', () => {
  const roundOf = (count: number, failing: number, likeMesh = false): ReturnType<PodSample['result']> => {
    const sample = new PodSample(pods(count, 60));
    let asked = 0;
    for (let next = sample.next(); next !== undefined; next = sample.next())
      if (asked++ < failing) sample.failed(likeMesh);
      else sample.answered(statOf(next.address, 2));
    return sample.result();
  };

  test('the sample stands for all', () => {
    expect(roundOf(10, 0)).toMatchObject({ ok: true, value: { averageConcurrentRequests: 20 } });
  });
  test('for a pod that fails the next is asked', () => {
    expect(roundOf(10, 3)).toMatchObject({ ok: true, value: { averageConcurrentRequests: 20 } });
  });
  test('with too few answers nothing is inferred', () => {
    expect(roundOf(10, 4)).toEqual({ ok: false, error: { is: 'pods-exhausted', answered: 6, needed: 7 } });
  });
  test('no pod is no problem, and nothing is recorded', () => {
    expect(roundOf(0, 0)).toEqual({ ok: true, value: undefined });
  });
  test('only where all answered as a mesh does, there is one', () => {
    expect(roundOf(3, 3, true)).toEqual({ ok: false, error: { is: 'not-addressable' } });
    expect(roundOf(3, 3)).toMatchObject({ error: { is: 'pods-exhausted', answered: 0 } });
  });
});

describe('asking the Service', () => {
  test('one who met a pod that has lived through a window is done', () => {
    const sample = new ServiceSample(1, WINDOW);
    expect(sample.answered(statOf('a', 4, 60), 1)).toBe('done');
    expect(sample.result()).toMatchObject({ ok: true, value: { averageConcurrentRequests: 4 } });
  });
  test('reports of young pods fill what is missing', () => {
    const sample = new ServiceSample(2, WINDOW);
    expect(sample.answered(statOf('young', 6, 5), 1)).toBe('again');
    expect(sample.answered(statOf('old', 2), 2)).toBe('done');
    expect(sample.answered(statOf('other', 100, 5), 1)).toBe('again');
    expect(sample.result()).toMatchObject({ ok: true, value: { averageConcurrentRequests: 8 } });
  });
  test('the same pod again is no news, and ten times is the end', () => {
    const sample = new ServiceSample(2, WINDOW);
    sample.answered(statOf('a', 2), 1);
    expect(sample.answered(statOf('a', 2), 1)).toBe('again');
    expect(sample.answered(statOf('a', 2), 10)).toBe('done');
    const result = sample.result();
    expect(result).toEqual({
      ok: false,
      error: { is: 'too-few-by-service', needed: 2, because: { is: 'seen-before' } },
    });
    expect(!result.ok && FAULTS[faultOfProblem(result.error)].reason).toBe('DidNotReceiveStat');
    expect(!result.ok && sentenceOfProblem(result.error)).toBe(
      'The Service did not lead to 2 pods: The Service led only to pods that had told their requests already.',
    );
  });
  test('who gives up ends the round for all', () => {
    const sample = new ServiceSample(3, WINDOW);
    sample.failed({ is: 'unanswered', message: 'The connection was refused.' }, 10);
    expect(sample.failed({ is: 'seen-before' }, 1)).toBe('done');
    expect(sample.answered(statOf('a', 2), 1)).toBe('done');
    expect(sample.result()).toMatchObject({ error: { because: { is: 'unanswered' } } });
  });
});

describe('whom a round asks', () => {
  const auto = { mesh: 'auto', passthrough: false, podsAddressable: true } as const;

  test('pods, unless there is a mesh', () => {
    expect(firstAsked(auto)).toBe('pods');
    expect(firstAsked({ ...auto, mesh: 'enabled' })).toBe('service');
    expect(firstAsked({ ...auto, mesh: 'disabled', podsAddressable: false })).toBe('pods');
  });
  test('the Service where no pod can be reached, and from then on', () => {
    const problem = { is: 'not-addressable' } as const;
    expect(asksServiceAfter(auto, problem)).toBe(true);
    expect(asksServiceAfter(auto, { is: 'pods-exhausted', answered: 1, needed: 3 })).toBe(false);
    expect(asksServiceAfter({ ...auto, passthrough: true }, problem)).toBe(false);
    expect(firstAsked(afterService(auto))).toBe('service');
    expect(afterService({ ...auto, mesh: 'enabled' }).podsAddressable).toBe(true);
  });
});
