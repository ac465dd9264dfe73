import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Proxy } from '../../src/adapters/proxy/proxy.ts';
import { HTTP1_CASES } from '../contracts/activator/http1-cases.ts';
import { HTTP2_CASES } from '../contracts/activator/http2-cases.ts';
import { Pod } from '../contracts/activator/pod.ts';
import { PROBE_CASES } from '../contracts/activator/probe-cases.ts';
import { CHUNK_CASES, REFUSAL_CASES } from '../contracts/activator/refusal-cases.ts';
import { eventually } from '../contracts/activator/words.ts';
import { OpenThrottler } from '../doubles/open-throttler.ts';
import { startedProxy } from '../doubles/started-proxy.ts';

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

  const cases = [...PROBE_CASES, ...HTTP1_CASES, ...HTTP2_CASES, ...REFUSAL_CASES, ...CHUNK_CASES];
  test.each(cases)('$name', async ({ run }) => {
    await run({ port: proxy.ports[0] ?? 0, pod, revision });
    // Whatever happened, nothing is held on to.
    await eventually(() => throttler.inFlight === 0 && throttler.placed === 0);
    expect([throttler.inFlight, throttler.placed]).toEqual([0, 0]);
  });
});
