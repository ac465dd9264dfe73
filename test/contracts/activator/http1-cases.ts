import { Agent, request as http1Request } from 'node:http';
import { expect } from '@jest/globals';
import { answerOf, headOf, RawClient } from './client.ts';
import type { Case } from './contract.ts';
import { get, headFor } from './http1.ts';
import { askedIn, valuesOf } from './words.ts';

/** What passes through over HTTP/1.1: heads, and one request after another. */
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
    name: 'what an answer names for one hop is not passed on by a pod that closes, either',
    unlikeKnative: 'Go forgets what else Connection named once it has read "close"',
    run: async (subject) => {
      const { raw, body } = await get(subject, '/hop-and-close');
      expect([body, valuesOf(raw, 'x-hop')]).toEqual(['hop', []]);
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
];
