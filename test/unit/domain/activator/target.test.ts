import { describe, expect, test } from '@jest/globals';
import { ambiguityOf } from '../../../../src/domain/activator/ambiguous.ts';
import { deadlineOf } from '../../../../src/domain/activator/deadline.ts';
import { probeReply } from '../../../../src/domain/activator/probes.ts';
import { refusal } from '../../../../src/domain/activator/replies.ts';
import { requestTarget } from '../../../../src/domain/activator/request-target.ts';
import { targetOf, unknownRevision } from '../../../../src/domain/activator/target.ts';
import { ms } from '../../../../src/domain/time.ts';

const DOMAIN = 'cluster.local';

test.each([
  [
    'both headers',
    { 'knative-serving-revision': 'r', 'knative-serving-namespace': 'n' },
    'example.com',
    'n/r',
  ],
  [
    'headers before the host',
    { 'knative-serving-revision': 'r', 'knative-serving-namespace': 'n' },
    'a.b.svc.cluster.local',
    'n/r',
  ],
  ['one header alone is none', { 'knative-serving-revision': 'r' }, 'a.b.svc.cluster.local', 'b/a'],
  ['a host', {}, 'a.b.svc.cluster.local', 'b/a'],
  ['a host with a port', {}, 'a.b.svc.cluster.local:8012', 'b/a'],
  ['a host of three parts', {}, 'a.b.svc', undefined],
  ['a host of another domain', {}, 'a.b.svc.example.com', undefined],
  ['a host of another kind', {}, 'a.b.pod.cluster.local', undefined],
  ['a host with an empty part', {}, '.b.svc.cluster.local', undefined],
  ['a host with a part too many', {}, 'x.a.b.svc.cluster.local', undefined],
  ['nothing', {}, '', undefined],
])('which revision is meant: %s', (_name, headers, host, key) => {
  expect(targetOf(headers, host, DOMAIN)).toBe(key);
});

test('who asks for a revision that is not there is told its name', () => {
  expect(unknownRevision('x')).toEqual({
    status: 404,
    headers: [],
    body: 'Error getting active endpoint: revision.serving.knative.dev "x" not found',
  });
});

test.each([
  ['/a?b', 'h', { host: 'h', path: '/a?b' }],
  ['http://o:80/a?b', 'h', { host: 'o:80', path: '/a?b' }],
  ['HTTPS://o', 'h', { host: 'o', path: '/' }],
  ['http://o?q', 'h', { host: 'o', path: '/?q' }],
  ['//o/a', 'h', { host: 'h', path: '//o/a' }],
  ['*', 'h', { host: 'h', path: '*' }],
])('host and path of %s', (url, host, target) => {
  expect(requestTarget(url, host)).toEqual(target);
});

describe('what two readers could take for two things', () => {
  const head = { version: '1.1', url: '/', raw: ['Host', 'a'], headers: { host: 'a' } };
  test.each(['a', 'a.b:80', '[::1]:8080', '[fe80::1%25eth0]', '10.0.0.1', '', 'under_score'])(
    'host %p is one',
    (host) => {
      expect(ambiguityOf({ ...head, raw: ['Host', host], headers: { host } })).toBeUndefined();
    },
  );
  test.each(['a b', 'a/b', 'a@b', 'a:b', '[::1', 'a,b:1:2', 'a\\b', 'a"b'])('host %p is none', (host) => {
    expect(ambiguityOf({ ...head, raw: ['Host', host], headers: { host } })).toMatch(/Host/);
  });
  test('two hosts, of whatever case', () => {
    expect(ambiguityOf({ ...head, raw: ['Host', 'a', 'hOST', 'a'] })).toBe(
      'the header Host came 2 times: expected it once',
    );
  });
});

describe('probes', () => {
  const self = { missing: [], name: 'shim-0' };
  test('an empty value of the header is no probe', () => {
    expect(probeReply({ 'k-network-probe': '' }, self)).toBeUndefined();
  });
  test('kubelet comes before the network, as with Knative', () => {
    const headers = { 'user-agent': 'kube-probe/1.36', 'k-network-probe': 'probe' };
    expect(probeReply(headers, self)).toEqual({ status: 200, headers: [], body: '' });
  });
  test('a long value is told shortened', () => {
    expect(probeReply({ 'k-network-probe': 'x'.repeat(10_000) }, self)?.body.length).toBeLessThan(200);
  });
});

test.each([
  ['the whole', { timeout: 10, start: undefined, idle: undefined }, undefined, 110],
  ['the start', { timeout: 10, start: 3, idle: undefined }, undefined, 103],
  ['the start is over once something was written', { timeout: 10, start: 3, idle: undefined }, 102, 110],
  ['silence from the arrival on', { timeout: 10, start: 5, idle: 2 }, undefined, 102],
  ['silence since the last write', { timeout: 10, start: 3, idle: 2 }, 106, 108],
  ['the whole, however lively', { timeout: 10, start: 3, idle: 5 }, 109, 110],
])('how long a request may take: %s', (_name, { timeout, start, idle }, lastWrite, deadline) => {
  const limits = {
    timeout: ms(timeout),
    responseStartTimeout: start === undefined ? undefined : ms(start),
    idleTimeout: idle === undefined ? undefined : ms(idle),
  };
  const progress = { arrived: ms(100), lastWrite: lastWrite === undefined ? undefined : ms(lastWrite) };
  expect(deadlineOf(limits, progress)).toBe(deadline);
});

test('seconds after which to try again are whole', () => {
  expect(refusal(503, 'full', 0.2).headers).toEqual(['retry-after', '1']);
  expect(refusal(503, 'full', undefined).headers).toEqual([]);
});
