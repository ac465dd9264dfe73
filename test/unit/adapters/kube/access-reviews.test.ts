import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { seconds } from '../../../../src/domain/time.ts';
import { ManualClock, settled } from '../../../doubles/manual-clock.ts';
import { answer, ScriptedApi, silence, status } from '../../../doubles/scripted-api.ts';
import { connected, faultFrom, kubeconfig } from './connected.ts';

const TOKENS = '/apis/authentication.k8s.io/v1/tokenreviews';
const RIGHTS = '/apis/authorization.k8s.io/v1/subjectaccessreviews';
const SPEC = { user: 'jane', groups: ['a'], nonResourceAttributes: { path: '/apis', verb: 'get' } };

let server: ScriptedApi;
beforeEach(async () => {
  server = await ScriptedApi.start();
});
afterEach(() => server.close());

const sent = (): unknown[] =>
  server.requests.map(({ method, body }) => [method, JSON.parse(body) as unknown]);

test('whose token it is', async () => {
  const user = { username: 'jane', uid: 'u1', groups: ['a', 'b'], extra: { 'example.com/x': ['1'] } };
  server.on(
    TOKENS,
    answer(201, { kind: 'TokenReview', metadata: {}, status: { authenticated: true, user } }),
  );
  await using session = await connected(kubeconfig(server.url));
  expect(await session.api.reviews.whoseToken('t0ken')).toEqual({
    user: 'jane',
    uid: 'u1',
    groups: ['a', 'b'],
    extra: { 'example.com/x': ['1'] },
  });
  expect(sent()).toEqual([
    ['POST', { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenReview', spec: { token: 't0ken' } }],
  ]);
});

test.each([
  ['says no', { authenticated: false, error: 'invalid bearer token' }],
  ['says nothing', {}],
  ['says yes, and not to whom', { authenticated: true, user: { username: '' } }],
  ['names somebody and does not say yes', { user: { username: 'jane' } }],
])('a token is nobody’s when the API server %s', async (_, said) => {
  server.on(TOKENS, answer(201, { kind: 'TokenReview', status: said }));
  await using session = await connected(kubeconfig(server.url));
  expect(await session.api.reviews.whoseToken('t0ken')).toBeUndefined();
});

test.each([
  [{ allowed: true }, { allowed: true, reason: '' }],
  [
    { allowed: false, reason: 'no rule' },
    { allowed: false, reason: 'no rule' },
  ],
  [
    { allowed: true, denied: true },
    { allowed: false, reason: '' },
  ],
  [{}, { allowed: false, reason: '' }],
])('what is allowed: %j', async (said, decision) => {
  server.on(RIGHTS, answer(201, { kind: 'SubjectAccessReview', metadata: {}, status: said }));
  await using session = await connected(kubeconfig(server.url));
  expect(await session.api.reviews.mayDo(SPEC)).toEqual(decision);
  expect(sent()).toEqual([
    ['POST', { apiVersion: 'authorization.k8s.io/v1', kind: 'SubjectAccessReview', spec: SPEC }],
  ]);
});

test.each([
  ['refuses', answer(403, status(403, 'Forbidden', 'no')), 'forbidden'],
  ['breaks', answer(500, status(500, 'InternalError', 'away')), 'api_unavailable'],
  ['answers something else', answer(201, { kind: 'SubjectAccessReview' }), 'object_invalid'],
])('an API server that %s has not said yes', async (_, said, code) => {
  server.on(RIGHTS, said);
  await using session = await connected(kubeconfig(server.url));
  expect(await faultFrom(session.api.reviews.mayDo(SPEC))).toMatchObject({ code });
});

test('a token is in no fault', async () => {
  server.on(TOKENS, answer(400, status(400, 'BadRequest', 'cannot read')));
  await using session = await connected(kubeconfig(server.url));
  const fault = await faultFrom(session.api.reviews.whoseToken('s3cret-token'));
  expect(JSON.stringify([fault, session.log.lines])).not.toContain('s3cret');
});

test('an API server that says nothing is given up, and a hundred who wait are enough', async () => {
  const clock = new ManualClock();
  server.on(RIGHTS, silence);
  await using session = await connected(kubeconfig(server.url), { clock });
  const waiting = Array.from({ length: 100 }, () => faultFrom(session.api.reviews.mayDo(SPEC)));
  await settled();
  expect(await faultFrom(session.api.reviews.mayDo(SPEC))).toEqual({
    code: 'too_many_requests',
    message: '100 requests to create subjectaccessreviews.authorization.k8s.io are waiting already.',
  });
  await clock.pass(seconds(5));
  expect(new Set((await Promise.all(waiting)).map(({ code }) => code))).toEqual(new Set(['api_unavailable']));
  const next = faultFrom(session.api.reviews.mayDo(SPEC));
  await clock.pass(seconds(5));
  expect(await next).toMatchObject({ code: 'api_unavailable' });
});
