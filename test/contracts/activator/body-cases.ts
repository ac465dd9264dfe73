import { once } from 'node:events';
import { expect } from '@jest/globals';
import { answerOf, headOf, RawClient } from './client.ts';
import type { Case } from './contract.ts';
import { begin, get, headFor, send } from './http1.ts';
import { askedIn, body10MiB, SHA1_OF_10_MIB, valuesOf } from './words.ts';

/** Bodies over HTTP/1.1, both ways. */
export const BODY_CASES: readonly Case[] = [
  {
    name: 'a body of known length arrives whole, 10 MiB of it too',
    run: async (subject) => {
      const headers = { 'content-length': 10 * 2 ** 20 };
      const asked = askedIn(await send(subject, { path: '/', method: 'POST', headers, body: body10MiB() }));
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
      const headers = { 'transfer-encoding': 'chunked' };
      const asked = askedIn(await send(subject, { path: '/', method: 'PUT', headers, body: body10MiB() }));
      expect(asked).toMatchObject({ method: 'PUT', bytes: 10 * 2 ** 20, sha1: SHA1_OF_10_MIB });
      expect(valuesOf(asked.raw, 'transfer-encoding')).toEqual(['chunked']);
    },
  },
  {
    name: 'trailers of a request are passed on',
    unlikeKnative: "Go's ReverseProxy drops them",
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
      const headers = { 'content-length': 0 };
      const asked = askedIn(await send(subject, { path: '/', method: 'POST', headers }));
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
      const request = begin(subject, { path: '/events' });
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
    unlikeKnative: 'Go holds the answer back until more of the request comes',
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
      const headers = { 'content-length': 200_000 };
      const answer = await send(subject, {
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
      'Go holds the answer back until the request is whole, unless full duplex is asked for or the connection is to be closed',
    run: async (subject) => {
      const headers = { 'transfer-encoding': 'chunked', connection: 'keep-alive' };
      const request = begin(subject, { path: '/duplex', method: 'POST', headers });
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
      const headers = { expect: '100-continue', 'content-length': 4 };
      const request = begin(subject, { path: '/', method: 'POST', headers });
      request.flushHeaders();
      await once(request, 'continue');
      request.end('body');
      expect(askedIn(await answerOf(await headOf(request))).bytes).toBe(4);
    },
  },
  {
    name: 'the pod does not see that leave was asked for',
    unlikeKnative: 'passes Expect on',
    run: async (subject) => {
      const headers = { expect: '100-continue', 'content-length': 0 };
      expect(valuesOf(askedIn(await get(subject, '/', headers)).raw, 'expect')).toEqual([]);
    },
  },
];
