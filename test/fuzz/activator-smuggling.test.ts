import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Proxy } from '../../src/adapters/proxy/proxy.ts';
import { RawClient } from '../contracts/activator/client.ts';
import { Pod } from '../contracts/activator/pod.ts';
import { eventually } from '../contracts/activator/words.ts';
import { OpenThrottler } from '../doubles/open-throttler.ts';
import { startedProxy } from '../doubles/started-proxy.ts';

const RUNS = { numRuns: Math.ceil(Number(process.env['FUZZ_RUNS'] ?? 300) / 3) };
const ENDS = ['\r\n', '\r\n', '\r\n', '\r\n', '\n', '\r'];
const IDENTITY = 'Host: a\r\nknative-serving-revision: rev\r\nknative-serving-namespace: ns';

let proxy: Proxy;
let pod: Pod;
const throttler = new OpenThrottler();

beforeAll(async () => {
  pod = await Pod.start({ lenient: true });
  throttler.origins = [pod.origin];
  proxy = await startedProxy(throttler);
});
afterAll(async () => {
  pod.stop();
  await proxy.close();
});

const line = fc.constantFrom(
  'GET / HTTP/1.1',
  'POST / HTTP/1.1',
  'POST /empty HTTP/1.0',
  'GET  / HTTP/1.1',
  'DELETE /a HTTP/1.1',
);
const header = fc.constantFrom(
  ...[
    'Content-Length: 0',
    'Content-Length: 5',
    'Content-Length: 44',
    'Content-Length: 5, 5',
    'Content-Length : 5',
    'content-length: 05',
  ],
  ...[
    'Transfer-Encoding: chunked',
    'Transfer-Encoding: identity',
    'Transfer-Encoding: gzip, chunked',
    'Transfer-Encoding:\tchunked',
  ],
  ...[
    'Transfer-Encoding : chunked',
    'transfer-encoding: xchunked',
    'X: a',
    ' folded',
    '\tchunked',
    'Connection: Content-Length',
    'Connection: close',
  ],
  ...[
    'Connection: keep-alive, Transfer-Encoding',
    'Upgrade: h2c',
    'Connection: Upgrade',
    'Expect: 100-continue',
    'Host: b',
    'X\0: a',
    'X-A: a\0',
  ],
);
const body = fc.constantFrom(
  '',
  'hello',
  '0',
  '5',
  'hello\r\n0',
  '5;ext=1\r\nhello\r\n0\r\n',
  '0\r\nX: y\r\n',
  'ffffffffffffffff1',
  '-1',
  '0x5\r\nhello',
);
const smuggled = `GET /smuggled HTTP/1.1\r\n${IDENTITY}\r\n\r\n`;
const bytes = fc
  .tuple(
    line,
    fc.array(fc.tuple(header, fc.constantFrom(...ENDS)), { maxLength: 4 }),
    body,
    fc.constantFrom(...ENDS),
    fc.boolean(),
  )
  .map(([first, headers, rest, end, more]) =>
    [first, '\r\n', IDENTITY, '\r\n', ...headers.flat(), '\r\n', rest, end, end, more ? smuggled : ''].join(
      '',
    ),
  );

test('a pod that reads carelessly sees no request that we did not see', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(bytes, { minLength: 1, maxLength: 3 }),
      fc.array(fc.nat(400), { maxLength: 4 }),
      async (requests, places) => {
        const text = requests.join('');
        const cuts = [
          ...new Set([0, ...places.map((place) => Math.min(place, text.length)), text.length]),
        ].toSorted((a, b) => a - b);
        const client = new RawClient(proxy.ports[0] ?? 0);
        for (const [i, end] of cuts.entries()) {
          client.send(text.slice(cuts[i - 1] ?? 0, end));
          await new Promise((resolve) => setImmediate(resolve));
        }
        await Promise.race([client.closed(), sleep(15)]);
        client.socket.destroy();
        await eventually(() => throttler.inFlight === 0);
        expect(pod.asked).toBeLessThanOrEqual(throttler.arrivals);
      },
    ),
    RUNS,
  );
  // Some of them are requests.
  expect(pod.asked).toBeGreaterThan(0);
}, 120_000);
