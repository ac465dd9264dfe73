import { expect } from '@jest/globals';
import { RawClient } from './client.ts';
import type { Case } from './contract.ts';
import { get, headFor, send } from './http1.ts';
import { eventually } from './words.ts';

/** Clients and pods that go away in the middle of HTTP/1.1. */
export const BROKEN_CASES: readonly Case[] = [
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
      const headers = { 'content-length': 1 };
      expect((await send(subject, { path: '/dies', method: 'POST', headers, body: 'x' })).status).toBe(502);
    },
  },
];
