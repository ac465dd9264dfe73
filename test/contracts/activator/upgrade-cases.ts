import { expect } from '@jest/globals';
import { RawClient } from './client.ts';
import type { Case } from './contract.ts';
import { headFor } from './http1.ts';
import { eventually } from './words.ts';

/** Connections of HTTP/1.1 that are to become something else. */
export const UPGRADE_CASES: readonly Case[] = [
  {
    name: 'another protocol is spoken after 101, both ways',
    run: async (subject) => {
      using client = new RawClient(subject.port, subject);
      client.send(headFor(subject, 'GET /chat HTTP/1.1', 'Connection: Upgrade', 'Upgrade: chat'));
      const opened = await client.until((text) => text.endsWith('\r\n\r\n'));
      expect(opened).toMatch(/^HTTP\/1\.1 101 /);
      expect(opened.toLowerCase()).toMatch(/\r\nupgrade: chat\r\n/);
      client.send('late');
      expect(await client.until((text) => text.endsWith('late'))).toMatch(/\r\n\r\nlate$/);
      const before = subject.pod.gone;
      client.socket.destroy();
      await eventually(() => subject.pod.gone > before);
    },
  },
  {
    name: 'what came together with a request for another protocol is not lost',
    unlikeKnative: "Go's ReverseProxy loses it",
    run: async (subject) => {
      using client = new RawClient(subject.port, subject);
      client.send(headFor(subject, 'GET /chat HTTP/1.1', 'Connection: Upgrade', 'Upgrade: chat') + 'early ');
      await client.until((text) => text.includes('\r\n\r\n'));
      client.send('late');
      expect(await client.until((text) => text.endsWith('late'))).toMatch(/\r\n\r\nearly late$/);
    },
  },
  {
    name: 'a change to HTTP/2 is not taken up',
    unlikeKnative: 'changes to HTTP/2',
    run: async (subject) => {
      using client = new RawClient(subject.port, subject);
      const settings = [
        'Connection: Upgrade, HTTP2-Settings',
        'Upgrade: h2c',
        'HTTP2-Settings: AAMAAABkAAQAAP__',
      ];
      client.send(headFor(subject, 'GET /stays HTTP/1.1', ...settings));
      const received = await client.until((text) => text.endsWith('}') || text.includes(' 101 '));
      expect(received).toContain('"protocol":"HTTP/1.1"');
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
];
