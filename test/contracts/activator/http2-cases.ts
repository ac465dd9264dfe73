import { once } from 'node:events';
import { expect } from '@jest/globals';
import { askHttp2, openHttp2, type Sent, type StreamAnswer } from './client.ts';
import type { Case, Subject } from './contract.ts';
import { askedIn, body10MiB, eventually, SHA1_OF_10_MIB, valuesOf } from './words.ts';

async function one(
  subject: Subject,
  { headers, ...rest }: Omit<Sent, 'host' | 'port'>,
): Promise<StreamAnswer> {
  const session = openHttp2(subject.port, subject.host);
  try {
    return await askHttp2(session, { headers: { ...subject.revision, ...headers }, ...rest });
  } finally {
    session.destroy();
  }
}

/** What passes through over h2c. */
export const HTTP2_CASES: readonly Case[] = [
  {
    name: 'h2c goes to the pod as h2c',
    run: async (subject) => {
      const asked = askedIn(
        await one(subject, {
          path: '/a?b',
          headers: { ':authority': 'app.example.com', 'x-forwarded-for': '10.1.2.3' },
        }),
      );
      expect(asked).toMatchObject({ protocol: 'HTTP/2', method: 'GET', path: '/a?b' });
      expect(valuesOf(asked.raw, 'k-original-host')).toEqual(['app.example.com']);
      expect(valuesOf(asked.raw, 'k-proxy-request')).toEqual(['activator']);
      expect(valuesOf(asked.raw, 'x-forwarded-for')).toEqual([`10.1.2.3, ${subject.client}`]);
      expect(valuesOf(asked.raw, ':authority')).toEqual([subject.pod.authority]);
      for (const name of ['knative-serving-revision', 'user-agent', 'accept-encoding'])
        expect(valuesOf(asked.raw, name)).toEqual([]);
    },
  },
  {
    name: 'headers and targets of 50 kB pass, and 300 headers',
    run: async (subject) => {
      const long = 'x'.repeat(50_000);
      const many = Object.fromEntries(Array.from({ length: 300 }, (_, i) => [`x-${i}`, String(i)]));
      const { path, raw } = askedIn(
        await one(subject, { path: `/?${long}`, headers: { 'x-long': long, ...many } }),
      );
      expect([path.length, valuesOf(raw, 'x-long')[0]?.length, valuesOf(raw, 'x-299')]).toEqual([
        50_002,
        50_000,
        ['299'],
      ]);
    },
  },
  {
    name: 'a body of 10 MiB arrives whole',
    run: async (subject) => {
      const asked = askedIn(await one(subject, { path: '/', method: 'POST', body: body10MiB() }));
      expect(asked).toMatchObject({ method: 'POST', bytes: 10 * 2 ** 20, sha1: SHA1_OF_10_MIB });
    },
  },
  {
    name: 'a large answer arrives whole',
    run: async (subject) => {
      expect((await one(subject, { path: '/big' })).body.length).toBe(10 * 2 ** 20);
    },
  },
  {
    name: 'trailers of an answer are passed on though nobody announced them',
    run: async (subject) => {
      expect(await one(subject, { path: '/trailers' })).toMatchObject({
        body: 'body',
        trailers: { 'grpc-status': '0' },
        code: 0,
      });
    },
  },
  {
    name: 'an answer that is a head alone stays one',
    run: async (subject) => {
      const { headers, trailers, code } = await one(subject, { path: '/trailers-only' });
      expect([headers['grpc-status'], trailers, code]).toEqual(['5', {}, 0]);
    },
  },
  {
    name: 'trailers of a request are passed on',
    unlikeKnative: "Go's ReverseProxy drops them",
    run: async (subject) => {
      const session = openHttp2(subject.port, subject.host);
      const stream = session.request(
        { ':path': '/', ':method': 'POST', ...subject.revision },
        { waitForTrailers: true },
      );
      stream.on('wantTrailers', () => stream.sendTrailers({ 'x-sum': '4' }));
      stream.end('body');
      let text = '';
      for await (const chunk of stream) text += String(chunk);
      expect(askedIn({ status: 200, body: text }).trailers).toEqual(['x-sum', '4']);
      session.destroy();
    },
  },
  {
    name: 'hints before the answer are passed on',
    run: async (subject) => {
      expect(await one(subject, { path: '/hints' })).toMatchObject({
        status: 200,
        before: [103],
        body: 'hinted',
      });
    },
  },
  {
    name: 'both directions flow at a time',
    run: async (subject) => {
      const session = openHttp2(subject.port, subject.host);
      const stream = session.request({ ':path': '/duplex', ':method': 'POST', ...subject.revision });
      stream.write('one');
      expect(String(((await once(stream, 'data')) as [Buffer])[0])).toBe('one');
      stream.end('two');
      expect(String(((await once(stream, 'data')) as [Buffer])[0])).toBe('two');
      await once(stream.resume(), 'end');
      session.destroy();
    },
  },
  {
    name: 'events arrive one by one, before the answer has ended',
    run: async (subject) => {
      const session = openHttp2(subject.port, subject.host);
      const stream = session.request({ ':path': '/events', ...subject.revision });
      expect(String(((await once(stream, 'data')) as [Buffer])[0])).toBe('data: 1\n\n');
      subject.pod.answerWaiting();
      expect(String(((await once(stream, 'data')) as [Buffer])[0])).toBe('data: 2\n\n');
      session.destroy();
    },
  },
  {
    name: 'a pod that answers early is heard, though the request is not whole',
    run: async (subject) => {
      const session = openHttp2(subject.port, subject.host);
      const stream = session.request({ ':path': '/early', ':method': 'POST', ...subject.revision });
      stream.write('begun');
      const [head] = (await once(stream, 'response')) as [Readonly<Record<string, unknown>>];
      expect([head[':status'], String(((await once(stream, 'data')) as [Buffer])[0])]).toEqual([413, 'big']);
      session.destroy();
    },
  },
  {
    name: 'a request that was answered early ends without an error, though it is not whole',
    unlikeKnative: 'the answer comes, but does not end before the request',
    run: async (subject) => {
      const session = openHttp2(subject.port, subject.host);
      const stream = session.request({ ':path': '/early', ':method': 'POST', ...subject.revision });
      stream.write('begun');
      const [head] = (await once(stream, 'response')) as [Readonly<Record<string, unknown>>];
      let text = '';
      stream.on('data', (chunk: Buffer) => (text += String(chunk)));
      await once(stream, 'close');
      expect([head[':status'], text, stream.rstCode]).toEqual([413, 'big', 0]);
      session.destroy();
    },
  },
  {
    name: 'hundreds of requests at a time share connections',
    run: async (subject) => {
      const session = openHttp2(subject.port, subject.host);
      await once(session, 'remoteSettings');
      const before = subject.pod.connections;
      const answers = await Promise.all(
        Array.from({ length: 200 }, (_, i) =>
          askHttp2(session, { path: `/${i}`, headers: subject.revision }),
        ),
      );
      expect(answers.map((answer) => askedIn(answer).path)).toEqual(
        Array.from({ length: 200 }, (_, i) => `/${i}`),
      );
      expect(subject.pod.connections - before).toBeLessThan(20);
      session.destroy();
    },
  },
  {
    name: 'a client that cancels takes its request with it',
    run: async (subject) => {
      const { asked, gone } = subject.pod;
      const session = openHttp2(subject.port, subject.host);
      const stream = session.request({ ':path': '/never', ...subject.revision });
      stream.on('error', () => undefined);
      await eventually(() => subject.pod.asked > asked);
      stream.close(8);
      await eventually(() => subject.pod.gone > gone);
      session.destroy();
    },
  },
  {
    name: 'half a body is not taken for a whole one',
    run: async (subject) => {
      const { asked, gone, whole } = subject.pod;
      const session = openHttp2(subject.port, subject.host);
      const stream = session.request({ ':path': '/', ':method': 'POST', ...subject.revision });
      stream.on('error', () => undefined);
      stream.write('half');
      await eventually(() => subject.pod.asked > asked);
      stream.destroy(new Error('enough'));
      await eventually(() => subject.pod.gone > gone);
      expect(subject.pod.whole).toBe(whole);
      session.destroy();
    },
  },
  {
    name: 'an answer that breaks off is seen to break off',
    run: async (subject) => {
      const { status, code } = await one(subject, { path: '/reset' });
      expect([status, code === 0]).toEqual([200, false]);
    },
  },
  {
    name: 'a pod that hangs up without an answer is 502',
    run: async (subject) => {
      expect((await one(subject, { path: '/dies', method: 'POST', body: 'x' })).status).toBe(502);
    },
  },
];
