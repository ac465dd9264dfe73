import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Proxy } from '../../src/adapters/proxy/proxy.ts';
import { CASES } from '../contracts/activator/cases.ts';
import { Pod } from '../contracts/activator/pod.ts';
import { eventually } from '../contracts/activator/words.ts';
import { OpenThrottler } from '../doubles/open-throttler.ts';
import { startedProxy } from '../doubles/started-proxy.ts';

const LOOPBACK = '127.0.0.1';
const revision = { 'knative-serving-revision': 'rev', 'knative-serving-namespace': 'ns' };

test('docs/activator.md lists the cases in which Knative differs', () => {
  const [, section = ''] = readFileSync('docs/activator.md', 'utf8').split('\n### Case by case\n');
  const rows = section.split('\n').filter((line) => line.startsWith('| '));
  const unlike = CASES.filter(({ unlikeKnative }) => unlikeKnative !== undefined);
  expect(rows.slice(1)).toEqual(unlike.map(({ name, unlikeKnative }) => `| ${name} | ${unlikeKnative} |`));
});

/** The same table runs against Knative's own activator: test/cluster/activator-conformance.test.ts. */
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
