import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Proxy } from '../../src/adapters/proxy/proxy.ts';
import { CASES } from '../contracts/activator/cases.ts';
import { Pod } from '../contracts/activator/pod.ts';
import { eventually } from '../contracts/activator/words.ts';
import { OpenThrottler } from '../doubles/open-throttler.ts';
import { startedProxy } from '../doubles/started-proxy.ts';

const LOOPBACK = '127.0.0.1';
const revision = { 'knative-serving-revision': 'rev', 'knative-serving-namespace': 'ns' };

/** What any activator does; the same table is for Knative's own. */
describe('the data path', () => {
  let proxy: Proxy;
  let pod: Pod;
  const throttler = new OpenThrottler();

  beforeAll(async () => {
    pod = await Pod.start();
    throttler.origins = [pod.origin];
    proxy = await startedProxy(throttler);
  });
  afterAll(async () => {
    pod.stop();
    await proxy.close();
  });

  test.each(CASES)('$name', async ({ run }) => {
    await run({ host: LOOPBACK, port: proxy.ports[0] ?? 0, client: LOOPBACK, pod, revision });
    // Whatever happened, nothing is held on to.
    await eventually(() => throttler.inFlight === 0 && throttler.placed === 0);
    expect([throttler.inFlight, throttler.placed]).toEqual([0, 0]);
  });
});
