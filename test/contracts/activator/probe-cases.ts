import { once } from 'node:events';
import { expect } from '@jest/globals';
import { ask, askHttp2, openHttp2, RawClient, type Answer } from './client.ts';
import type { Case, Subject } from './contract.ts';
import { revisionLines } from './http1.ts';

/** Without the headers of a revision, unless the test gives them. */
const probe = (
  { host, port }: Subject,
  headers: Readonly<Record<string, string>>,
  path = '/healthz',
): Promise<Answer> => ask({ host, port, path, headers });

/** What is answered by the activator itself. */
export const PROBE_CASES: readonly Case[] = [
  {
    name: 'kubelet is answered on any path, by its user agent or its header',
    run: async (subject) => {
      expect((await probe(subject, { 'user-agent': 'kube-probe/1.36' }, '/any')).status).toBe(200);
      expect((await probe(subject, { 'k-kubelet-probe': 'queue' }, '/')).status).toBe(200);
    },
  },
  {
    name: 'an ingress gets its hash back, for whatever host and path, and no pod is asked',
    run: async (subject) => {
      const before = subject.pod.asked;
      const headers = {
        host: 'x.gen-1.y.net-contour.invalid',
        'k-network-probe': 'probe',
        'k-network-hash': 'abc123',
      };
      for (const given of [headers, { ...headers, ...subject.revision }]) {
        const answer = await probe(subject, given, '//healthz');
        expect([answer.status, answer.headers['k-network-hash']]).toEqual([200, 'abc123']);
      }
      expect(subject.pod.asked).toBe(before);
    },
  },
  {
    name: 'a probe without a hash is 400',
    run: async (subject) => {
      const { status, body } = await probe(subject, { 'k-network-probe': 'probe' });
      expect([status, body.trim()]).toEqual([
        400,
        'a probe request must contain a non-empty "K-Network-Hash" header',
      ]);
    },
  },
  {
    name: 'the probe for activators is answered so',
    run: async (subject) => {
      const { status, body } = await probe(subject, { 'k-network-probe': 'activator' });
      expect([status, body]).toEqual([200, 'activator']);
    },
  },
  {
    name: 'a probe for somebody else is 400',
    run: async (subject) => {
      const { status, body } = await probe(subject, { 'k-network-probe': 'queue', ...subject.revision });
      expect([status, body.trim()]).toEqual([400, 'unexpected probe header value: "queue"']);
    },
  },
  {
    name: 'probes are answered over h2c, too',
    run: async ({ host, port }) => {
      const session = openHttp2(port, host);
      const answer = await askHttp2(session, {
        path: '/',
        headers: { 'k-network-probe': 'probe', 'k-network-hash': 'h' },
      });
      expect([answer.status, answer.headers['k-network-hash']]).toEqual([200, 'h']);
      session.destroy();
    },
  },
  {
    name: 'an unknown revision is 404 by name',
    run: async ({ host, port }) => {
      const headers = { 'knative-serving-revision': 'nobody', 'knative-serving-namespace': 'nowhere' };
      const { status, body } = await ask({ host, port, path: '/', headers });
      const text = 'Error getting active endpoint: revision.serving.knative.dev "nobody" not found';
      expect([status, body.trim()]).toEqual([404, text]);
    },
  },
  {
    name: 'a host of four parts says the revision, one of three does not',
    run: async (subject) => {
      const { 'knative-serving-revision': name, 'knative-serving-namespace': namespace } = subject.revision;
      const statusOf = async (host: string): Promise<number> =>
        (await ask({ host: subject.host, port: subject.port, path: '/', headers: { host } })).status;
      expect(await statusOf(`${name}.${namespace}.svc.cluster.local`)).toBe(200);
      expect(await statusOf(`${name}.${namespace}.svc.cluster.local:80`)).toBe(200);
      expect(await statusOf(`${name}.${namespace}.svc`)).toBe(404);
      expect(await statusOf(`${name}.${namespace}.svc.example.com`)).toBe(404);
    },
  },
  {
    name: 'OPTIONS * is answered without asking anybody',
    run: async ({ host, port }) => {
      using client = new RawClient(port, { host });
      client.send('OPTIONS * HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
      expect(await client.closed()).toMatch(/^HTTP\/1\.1 200 /);
    },
  },
  {
    name: 'nobody tunnels through an activator',
    unlikeKnative: 'asks the pod',
    run: async (subject) => {
      using client = new RawClient(subject.port, subject);
      client.send(
        `CONNECT example.com:443 HTTP/1.1\r\nHost: example.com:443\r\n${revisionLines(subject)}\r\n`,
      );
      expect(await client.until((text) => text.includes('\r\n\r\n'))).toMatch(/^HTTP\/1\.1 405 /);
      const session = openHttp2(subject.port, subject.host);
      const stream = session.request({
        ':method': 'CONNECT',
        ':authority': 'example.com:443',
        ...subject.revision,
      });
      const [head] = (await once(stream, 'response')) as [Readonly<Record<string, unknown>>];
      expect(head[':status']).toBe(405);
      session.destroy();
    },
  },
];
