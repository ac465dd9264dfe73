import { once } from 'node:events';
import { Agent, request as http1Request } from 'node:http';
import { expect } from '@jest/globals';
import { answerOf, ask, headOf, RawClient } from './client.ts';
import type { Case, Subject } from './contract.ts';
import { askedIn, body10MiB, eventually, SHA1_OF_10_MIB, valuesOf } from './words.ts';

const get = (subject: Subject, path: string, headers = {}): Promise<Awaited<ReturnType<typeof ask>>> =>
  ask({ host: subject.host, port: subject.port, path, headers: { ...subject.revision, ...headers } });

/** A head for raw clients. */
const headFor = ({ revision }: Subject, line: string, ...headers: readonly string[]): string =>
  [
    line,
    'Host: app.example.com',
    ...Object.entries(revision).map(([name, value]) => `${name}: ${value}`),
    ...headers,
    '',
    '',
  ].join('\r\n');

/** What passes through over HTTP/1.1. */
export const HTTP1_CASES: readonly Case[] = [
  {
    name: 'path and query are passed on as they are',
    run: async (subject) => {
      const path = '/a%2Fb//c?x=%20&y=;z=1';
      expect(askedIn(await get(subject, path))).toMatchObject({ protocol: 'HTTP/1.1', method: 'GET', path });
    },
  },
  {
    name: 'the pod is told whence a request came, and that an activator passes it on',
    run: async (subject) => {
      const { raw } = askedIn(
        await get(subject, '/', { host: 'app.example.com', 'x-forwarded-for': '10.1.2.3' }),
      );
      expect(valuesOf(raw, 'k-original-host')).toEqual(['app.example.com']);
      expect(valuesOf(raw, 'k-proxy-request')).toEqual(['activator']);
      expect(valuesOf(raw, 'x-forwarded-for')).toEqual([`10.1.2.3, ${subject.client}`]);
      expect(valuesOf(raw, 'host')).toEqual([subject.pod.authority]);
      for (const name of ['knative-serving-revision', 'knative-serving-namespace'])
        expect(valuesOf(raw, name)).toEqual([]);
    },
  },
  {
    name: 'an original host that is known already stays',
    run: async (subject) => {
      const { raw } = askedIn(await get(subject, '/', { 'k-original-host': 'first.example.com' }));
      expect(valuesOf(raw, 'k-original-host')).toEqual(['first.example.com']);
    },
  },
  {
    name: 'headers for one hop are not passed on, nor those that Connection names',
    run: async (subject) => {
      const { raw } = askedIn(
        await get(subject, '/', {
          connection: 'X-Hop, keep-alive',
          'x-hop': '1',
          'keep-alive': 'timeout=5',
          'proxy-authorization': 'Basic eA==',
          'proxy-connection': 'keep-alive',
          te: 'gzip, trailers',
          'k-network-hash': 'left over',
          'x-kept': '1',
        }),
      );
      for (const name of ['x-hop', 'keep-alive', 'proxy-authorization', 'proxy-connection', 'k-network-hash'])
        expect([name, valuesOf(raw, name)]).toEqual([name, []]);
      expect([valuesOf(raw, 'te'), valuesOf(raw, 'x-kept')]).toEqual([['trailers'], ['1']]);
    },
  },
  {
    name: 'no header is invented that the client did not send',
    run: async (subject) => {
      const { raw } = askedIn(await get(subject, '/'));
      for (const name of ['user-agent', 'accept-encoding', 'accept', 'te'])
        expect([name, valuesOf(raw, name)]).toEqual([name, []]);
    },
  },
  {
    name: 'of an answer, headers for one hop are not passed on, and repeated ones stay repeated',
    run: async (subject) => {
      const { raw, body } = await get(subject, '/hop');
      expect(body).toBe('hop');
      for (const name of ['x-hop', 'proxy-authenticate'])
        expect([name, valuesOf(raw, name)]).toEqual([name, []]);
      expect([valuesOf(raw, 'x-kept'), valuesOf(raw, 'set-cookie')]).toEqual([['1'], ['a=1', 'b=2']]);
    },
  },
  {
    name: 'a body of known length arrives whole, 10 MiB of it too',
    run: async (subject) => {
      const headers = { ...subject.revision, 'content-length': 10 * 2 ** 20 };
      const asked = askedIn(
        await ask({
          host: subject.host,
          port: subject.port,
          path: '/',
          method: 'POST',
          headers,
          body: body10MiB(),
        }),
      );
      expect(asked).toMatchObject({ method: 'POST', bytes: 10 * 2 ** 20, sha1: SHA1_OF_10_MIB });
      expect(valuesOf(asked.raw, 'content-length')).toEqual([String(10 * 2 ** 20)]);
    },
  },
  {
    name: 'a small body arrives whole, whether it comes with its head, after it or in parts, and the connection carries on',
    run: async (subject) => {
      using client = new RawClient(subject.port, subject);
      const head = headFor(subject, 'POST /small HTTP/1.1', 'Content-Length: 8');
      const parts = [[`${head}together`], [head, 'in, time'], [head, 'in ', 'parts']];
      for (const [at, each] of parts.entries()) {
        for (const part of each) {
          client.send(part);
          await new Promise((resolve) => setTimeout(resolve, 5));
        }
        const received = await client.until(
          (text) => text.split('"path"').length - 1 > at && text.endsWith('}'),
        );
        expect(received.match(/"bytes":8/g)).toHaveLength(at + 1);
      }
    },
  },
  {
    name: 'a chunked body arrives whole and chunked',
    run: async (subject) => {
      const headers = { ...subject.revision, 'transfer-encoding': 'chunked' };
      const asked = askedIn(
        await ask({
          host: subject.host,
          port: subject.port,
          path: '/',
          method: 'PUT',
          headers,
          body: body10MiB(),
        }),
      );
      expect(asked).toMatchObject({ method: 'PUT', bytes: 10 * 2 ** 20, sha1: SHA1_OF_10_MIB });
      expect(valuesOf(asked.raw, 'transfer-encoding')).toEqual(['chunked']);
    },
  },
  {
    name: 'trailers of a request are passed on',
    unlikeKnative: "Go's ReverseProxy does not pass on trailers of requests",
    run: async (subject) => {
      using client = new RawClient(subject.port, subject);
      client.send(
        headFor(subject, 'POST /trailed HTTP/1.1', 'Transfer-Encoding: chunked', 'Connection: close'),
      );
      client.send('4\r\nbody\r\n0\r\nX-Sum: 4\r\n\r\n');
      expect(await client.closed()).toContain('"trailers":["X-Sum","4"]');
    },
  },
  {
    name: 'an empty body stays empty',
    run: async (subject) => {
      const headers = { ...subject.revision, 'content-length': 0 };
      const asked = askedIn(
        await ask({ host: subject.host, port: subject.port, path: '/', method: 'POST', headers }),
      );
      expect([asked.bytes, valuesOf(asked.raw, 'content-length')]).toEqual([0, ['0']]);
    },
  },
  {
    name: 'HEAD has the headers of GET and no body, and the connection carries on',
    run: async (subject) => {
      using client = new RawClient(subject.port, subject);
      client.send(
        headFor(subject, 'HEAD /head HTTP/1.1') +
          headFor(subject, 'GET /empty HTTP/1.1', 'Connection: close'),
      );
      const received = await client.closed();
      const [head = '', next = ''] = received.split('\r\n\r\n');
      expect(head).toMatch(/^HTTP\/1\.1 200 /);
      expect(head.toLowerCase()).toMatch(/content-length: \d{2,}/);
      expect(next).toMatch(/^HTTP\/1\.1 204 /);
    },
  },
  {
    name: 'answers without a body are passed on',
    run: async (subject) => {
      expect(await get(subject, '/empty')).toMatchObject({ status: 204, body: '' });
      const { status, headers } = await get(subject, '/not-modified');
      expect([status, headers['etag']]).toEqual([304, '"x"']);
    },
  },
  {
    name: 'a large answer arrives whole',
    run: async (subject) => {
      const { body, headers } = await get(subject, '/big');
      expect([body.length, headers['content-length']]).toEqual([10 * 2 ** 20, String(10 * 2 ** 20)]);
    },
  },
  {
    name: 'trailers of an answer are passed on',
    run: async (subject) => {
      expect(await get(subject, '/trailers', { te: 'trailers' })).toMatchObject({
        body: 'body',
        trailers: { 'x-sum': '4' },
      });
    },
  },
  {
    name: 'hints before the answer are passed on',
    run: async (subject) => {
      expect(await get(subject, '/hints')).toMatchObject({ status: 200, before: [103], body: 'hinted' });
    },
  },
  {
    name: 'events arrive one by one, before the answer has ended',
    run: async (subject) => {
      const request = http1Request({
        host: subject.host,
        port: subject.port,
        path: '/events',
        headers: subject.revision,
        agent: false,
      });
      request.end();
      const response = await headOf(request);
      const [first] = (await once(response, 'data')) as [Buffer];
      expect(String(first)).toBe('data: 1\n\n');
      subject.pod.answerWaiting();
      expect((await answerOf(response)).body).toBe('data: 2\n\n');
    },
  },
  {
    name: 'a pod that answers early is heard, though the request is not whole',
    run: async (subject) => {
      using client = new RawClient(subject.port, subject);
      client.send(headFor(subject, 'POST /early HTTP/1.1', 'Content-Length: 1000000'));
      const received = await client.until((text) => text.endsWith('big'));
      expect(received).toMatch(/^HTTP\/1\.1 413 /);
    },
  },
  {
    name: 'who sends all of a request that was answered early gets the answer',
    run: async (subject) => {
      const headers = { ...subject.revision, 'content-length': 200_000 };
      const answer = await ask({
        host: subject.host,
        port: subject.port,
        path: '/early',
        method: 'POST',
        headers,
        body: Buffer.alloc(200_000),
      });
      expect([answer.status, answer.body]).toEqual([413, 'big']);
    },
  },
  {
    name: 'both directions flow at a time',
    unlikeKnative:
      'Go reads no more of an HTTP/1.1 request once the answer has begun, unless full duplex is asked for',
    run: async (subject) => {
      const headers = { ...subject.revision, 'transfer-encoding': 'chunked' };
      const request = http1Request({
        host: subject.host,
        port: subject.port,
        path: '/duplex',
        method: 'POST',
        headers,
        agent: false,
      });
      request.write('one');
      const response = await headOf(request);
      expect(String(((await once(response, 'data')) as [Buffer])[0])).toBe('one');
      request.end('two');
      expect((await answerOf(response)).body).toBe('two');
    },
  },
  {
    name: 'leave to send a body is given once the pod takes it',
    run: async (subject) => {
      const headers = { ...subject.revision, expect: '100-continue', 'content-length': 4 };
      const request = http1Request({
        host: subject.host,
        port: subject.port,
        path: '/',
        method: 'POST',
        headers,
        agent: false,
      });
      request.flushHeaders();
      await once(request, 'continue');
      request.end('body');
      const asked = askedIn(await answerOf(await headOf(request)));
      expect([asked.bytes, valuesOf(asked.raw, 'expect')]).toEqual([4, []]);
    },
  },
  {
    name: 'requests that were sent one after another without waiting are answered in order',
    run: async (subject) => {
      using client = new RawClient(subject.port, subject);
      const paths = ['/1', '/2', '/3'];
      client.send(
        paths.map((path) => headFor(subject, `GET ${path} HTTP/1.1`)).join('') +
          headFor(subject, 'GET /4 HTTP/1.1', 'Connection: close'),
      );
      const order = [...(await client.closed()).matchAll(/"path":"(\/\d)"/g)].map(([, path]) => path);
      expect(order).toEqual([...paths, '/4']);
    },
  },
  {
    name: 'a target that is a whole URL counts as its path, and its host before the header',
    run: async (subject) => {
      using client = new RawClient(subject.port, subject);
      client.send(headFor(subject, 'GET http://other.example.com/x?y HTTP/1.1', 'Connection: close'));
      const received = await client.closed();
      expect(received).toContain('"path":"/x?y"');
      expect(received.toLowerCase()).toContain('"k-original-host","other.example.com"');
    },
  },
  {
    name: 'HTTP/1.0 is answered without chunks, and the connection closed',
    run: async (subject) => {
      using client = new RawClient(subject.port, subject);
      client.send(headFor(subject, 'GET /trailers HTTP/1.0'));
      const received = await client.closed();
      expect(received).toMatch(/^HTTP\/1\.[01] 200 /);
      expect(received.endsWith('\r\n\r\nbody')).toBe(true);
    },
  },
  {
    name: 'the connection is kept, and the one to the pod too',
    run: async (subject) => {
      const agent = new Agent({ keepAlive: true, maxSockets: 1 });
      await get(subject, '/first');
      const before = subject.pod.connections;
      for (const path of ['/a', '/b', '/c']) {
        const request = http1Request({
          host: subject.host,
          port: subject.port,
          path,
          headers: subject.revision,
          agent,
        });
        request.end();
        expect((await answerOf(await headOf(request))).status).toBe(200);
      }
      expect(subject.pod.connections - before).toBe(0);
      agent.destroy();
    },
  },
  {
    name: 'headers and targets of 60 kB pass',
    run: async (subject) => {
      const long = 'x'.repeat(60_000);
      const { path, raw } = askedIn(await get(subject, `/?${long}`, { 'x-long': long }));
      expect([path.length, valuesOf(raw, 'x-long')[0]?.length]).toEqual([60_002, 60_000]);
    },
  },
  {
    name: '300 headers pass',
    run: async (subject) => {
      const headers = Object.fromEntries(Array.from({ length: 300 }, (_, i) => [`x-${i}`, String(i)]));
      const { raw } = askedIn(await get(subject, '/', headers));
      expect(valuesOf(raw, 'x-299')).toEqual(['299']);
    },
  },
  {
    name: 'a head above the limit is refused with 431',
    run: async (subject) => {
      const { status } = await get(subject, '/', { 'x-long': 'x'.repeat(1_200_000) });
      expect(status).toBe(431);
    },
  },
  {
    name: 'another protocol is spoken after 101, both ways, and what came with the request is not lost',
    run: async (subject) => {
      using client = new RawClient(subject.port, subject);
      client.send(headFor(subject, 'GET /chat HTTP/1.1', 'Connection: Upgrade', 'Upgrade: chat') + 'early ');
      const opened = await client.until((text) => text.endsWith('early '));
      expect(opened).toMatch(/^HTTP\/1\.1 101 /);
      expect(opened.toLowerCase()).toMatch(/\r\nupgrade: chat\r\n/);
      client.send('late');
      expect(await client.until((text) => text.endsWith('late'))).toMatch(/\r\n\r\nearly late$/);
      const before = subject.pod.gone;
      client.socket.destroy();
      await eventually(() => subject.pod.gone > before);
    },
  },
  {
    name: 'a pod may refuse another protocol',
    run: async (subject) => {
      using client = new RawClient(subject.port, subject);
      client.send(headFor(subject, 'GET /refuse-upgrade HTTP/1.1', 'Connection: Upgrade', 'Upgrade: chat'));
      const received = await client.until((text) => text.endsWith('no'));
      expect(received).toMatch(/^HTTP\/1\.1 403 /);
    },
  },
  {
    name: 'a client that goes away takes its request with it',
    run: async (subject) => {
      const { asked, gone } = subject.pod;
      using client = new RawClient(subject.port, subject);
      client.send(headFor(subject, 'GET /never HTTP/1.1'));
      await eventually(() => subject.pod.asked > asked);
      client.socket.destroy();
      await eventually(() => subject.pod.gone > gone);
    },
  },
  ...['Content-Length: 100', 'Transfer-Encoding: chunked'].map((framing): Case => ({
    name: `half a body is not taken for a whole one (${framing})`,
    run: async (subject) => {
      const { asked, gone, whole } = subject.pod;
      using client = new RawClient(subject.port, subject);
      client.send(`${headFor(subject, 'POST / HTTP/1.1', framing)}4\r\nhalf\r\n`);
      await eventually(() => subject.pod.asked > asked);
      client.socket.destroy();
      await eventually(() => subject.pod.gone > gone);
      expect(subject.pod.whole).toBe(whole);
    },
  })),
  {
    name: 'an answer that breaks off is seen to break off',
    run: async (subject) => {
      await expect(get(subject, '/half')).rejects.toThrow();
    },
  },
  {
    name: 'a pod that hangs up without an answer is 502',
    run: async (subject) => {
      const headers = { ...subject.revision, 'content-length': 1 };
      expect(
        (
          await ask({
            host: subject.host,
            port: subject.port,
            path: '/dies',
            method: 'POST',
            headers,
            body: 'x',
          })
        ).status,
      ).toBe(502);
    },
  },
];
