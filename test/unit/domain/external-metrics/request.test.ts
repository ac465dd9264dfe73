import { expect, test } from '@jest/globals';
import {
  accessReviewOf,
  deniedSentence,
  keyOfReview,
} from '../../../../src/domain/external-metrics/access-review.ts';
import { readRequest } from '../../../../src/domain/external-metrics/request.ts';

const METRICS = '/apis/external.metrics.k8s.io/v1beta1/namespaces';

test.each([
  ['/readyz', { is: 'health' }],
  ['/readyz?verbose', { is: 'health' }],
  ['/readyz/x', { is: 'path' }],
  ['/openapi/v3', { is: 'openapi' }],
  ['/openapi', { is: 'openapi' }],
  ['/openapi.json', { is: 'path' }],
  ['/apis', { is: 'path' }],
  [`${METRICS}/shop/m`, { is: 'metric', namespace: 'shop', metric: 'm', selector: '' }],
  [
    `${METRICS}/shop/m?labelSelector=a%3Db%2Cc+in+(d)`,
    { is: 'metric', namespace: 'shop', metric: 'm', selector: 'a=b,c in (d)' },
  ],
  [
    `${METRICS}/shop/Some%20Metric?a?labelSelector=b`,
    { is: 'metric', namespace: 'shop', metric: 'Some Metric', selector: '' },
  ],
  [`${METRICS}/shop/m/`, { is: 'path' }],
  [`${METRICS}/shop/m/x`, { is: 'path' }],
  [`${METRICS}/shop`, { is: 'path' }],
  [`${METRICS}//m`, { is: 'path' }],
  [`${METRICS}/shop/a%2Fb`, { is: 'path' }],
  [`${METRICS}/sh%ZZop/m`, { is: 'path' }],
  [`/x${METRICS}/shop/m`, { is: 'path' }],
])('%s', (url, target) => expect(readRequest('GET', url).target).toEqual(target));

test.each([
  ['GET', '', 'list'],
  ['HEAD', '', 'list'],
  ['GET', '?watch=true', 'watch'],
  ['GET', '?watch=false', 'list'],
  ['POST', '', 'create'],
  ['PUT', '', 'update'],
  ['PATCH', '', 'patch'],
  ['DELETE', '', 'deletecollection'],
  ['OPTIONS', '', 'options'],
])('%s of a metric%s is the verb %s', (method, query, verb) => {
  expect(readRequest(method, `${METRICS}/shop/m${query}`).verb).toBe(verb);
});

const JANE = { user: 'jane', uid: 'u1', groups: ['a'], extra: { k: ['v'] } };

test('what is asked about a metric and about a path', () => {
  expect(accessReviewOf(JANE, readRequest('GET', `${METRICS}/shop/m?labelSelector=a`))).toEqual({
    ...JANE,
    resourceAttributes: {
      namespace: 'shop',
      verb: 'list',
      group: 'external.metrics.k8s.io',
      version: 'v1beta1',
      resource: 'm',
    },
  });
  expect(accessReviewOf(JANE, readRequest('POST', '/apis?x=y'))).toEqual({
    ...JANE,
    nonResourceAttributes: { path: '/apis', verb: 'post' },
  });
});

test('a decision about a path says which path, and why', () => {
  expect(deniedSentence(JANE, readRequest('GET', '/apis'), 'no rule')).toBe(
    'forbidden: User "jane" cannot get path "/apis": no rule',
  );
});

test('what is remembered of a question is short, and different for different ones', () => {
  const review = (group: string, path = '/apis') =>
    keyOfReview(accessReviewOf({ ...JANE, groups: [group] }, readRequest('GET', path)));
  expect(review('a')).toBe(review('a'));
  expect(new Set([review('a'), review('b'), review('a', '/apis/x'), review('a'.repeat(10_000))]).size).toBe(
    4,
  );
  expect(review('a'.repeat(10_000))).toHaveLength(44);
});
