import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Bridge } from './bridge.ts';
import { figure, namespace, script } from './lab.ts';
import { served } from './serving.ts';
import { besideUpstream } from './upstream.ts';

/** Kubernetes' default period of the HPA controller, which upstream waits for. */
const DEFAULT_HPA_SYNC = '15s';

const setHpaSync = (period: string): Promise<unknown> =>
  script(['restart.sh', 'kube-controller-manager'], { HPA_SYNC: period });

/** Milliseconds from apply to Ready of fresh Services that are applied at the same time. */
async function readyTimes(name: string, times: number): Promise<readonly number[]> {
  await using space = await namespace(name);
  const fresh = async (_: unknown, i: number): Promise<number> => {
    const began = performance.now();
    await served(space.name, `fresh-${i}`, {
      metric: 'cpu',
      target: '70',
      'min-scale': '1',
      'hpa-bridge.dev/backend': 'hpa',
    });
    return performance.now() - began;
  };
  const all = await Promise.all(Array.from({ length: times }, fresh));
  return all.sort((a, b) => a - b);
}

const inSeconds = (times: readonly number[]): string =>
  times.map((time) => (time / 1000).toFixed(2)).join(', ');

describe('the time from apply to Ready of a fresh Service', () => {
  const before = process.env['HPA_SYNC'] ?? '2s';
  beforeAll(() => setHpaSync(DEFAULT_HPA_SYNC));
  afterAll(() => setHpaSync(before));

  test('under autoscaler-hpa', async () => {
    const times = await besideUpstream(() => readyTimes('ready-upstream', 2));
    expect(times).toHaveLength(2);
    figure(`apply to Ready, autoscaler-hpa (HPA sync ${DEFAULT_HPA_SYNC}): ${inSeconds(times)} s`);
  });

  test('under hpa-bridge', async () => {
    await using bridge = await Bridge.started('ready-time');
    await bridge.leading();
    const times = await readyTimes('ready-bridge', 2);
    expect(times).toHaveLength(2);
    figure(`apply to Ready, hpa-bridge (HPA sync ${DEFAULT_HPA_SYNC}): ${inSeconds(times)} s`);
  });
});
