import { describe, expect, test } from '@jest/globals';
import { retryAfterOf } from '../../../../src/adapters/kube/errors.ts';
import { keyOf } from '../../../../src/domain/key.ts';
import { RESOURCES } from '../../../../src/domain/k8s/resources.ts';
import type { Fault } from '../../../../src/domain/fault.ts';
import { mockedHttp } from '../../../doubles/mocked-http.ts';
import { status } from '../../../doubles/scripted-api.ts';
import { connected, faultFrom, kubeconfig } from './connected.ts';

const SERVER = 'https://kube.test:6443';
const KEY = keyOf('team', 'shop');
const scaler = {
  apiVersion: 'keda.sh/v1alpha1',
  kind: 'ScaledObject',
  metadata: { name: 'shop', namespace: 'team' },
};

/** What our apply becomes when it is answered with this. */
async function applied(
  code: number,
  body: string | object,
  headers: Record<string, string> = {},
): Promise<Fault> {
  mockedHttp(SERVER)
    .patch(() => true)
    .reply(code, body, headers);
  await using session = await connected(kubeconfig(SERVER));
  return await faultFrom(session.api.writer({ mayWrite: () => true }).apply(RESOURCES.ScaledObject, scaler));
}

const cause = (reason: string, field: string, message: string): Record<string, unknown> => ({
  causes: [{ reason, field, message }],
});

test('what looks like a secret in the words of the server is not repeated', async () => {
  const said = 'spec.url: Invalid value: "http://me:hunter2@host": password=hunter2 is not allowed';
  const { message } = await applied(422, status(422, 'Invalid', said));
  expect(message).toContain('spec.url: Invalid value: "http://…@host": password=… is not allowed');
  expect(message).not.toContain('hunter2');
});

describe('a refused write', () => {
  test.each([
    {
      name: 'a field of the wrong JSON type is refused for good, although the answer is 500',
      code: 500,
      body: status(
        500,
        '',
        'failed to create typed patch object (team/shop; keda.sh/v1alpha1, Kind=ScaledObject): .spec.maxReplicaCount: expected numeric (int or float), got string',
      ),
      fault: 'rejected',
      says: ['.spec.maxReplicaCount', 'apply scaledobjects.keda.sh team/shop'],
    },
    {
      name: 'any other 500 may pass',
      code: 500,
      body: status(
        500,
        'InternalError',
        'Internal error occurred: failed calling webhook "v.keda.sh": connection refused',
      ),
      fault: 'api_unavailable',
      says: ['failed calling webhook'],
    },
    {
      name: 'an invalid object is refused with its causes',
      code: 422,
      body: status(
        422,
        'Invalid',
        'ScaledObject "shop" is invalid',
        cause('FieldValueInvalid', 'spec.minReplicaCount', 'must be >= 0'),
      ),
      fault: 'rejected',
      says: ['is invalid', 'spec.minReplicaCount: must be >= 0'],
    },
    {
      name: 'an admission webhook that says no is quoted',
      code: 400,
      body: status(
        400,
        '',
        'admission webhook "vscaledobject.kb.io" denied the request: the workload is already managed',
      ),
      fault: 'rejected',
      says: ['already managed'],
    },
    {
      name: 'an admission webhook that answers 403 does not take back a right',
      code: 403,
      body: status(
        403,
        'Forbidden',
        'admission webhook "vscaledobject.kb.io" denied the request: the container queue-proxy has no memory request',
      ),
      fault: 'rejected',
      says: ['refused to apply', 'queue-proxy has no memory request'],
    },
    {
      name: 'an admission webhook that answers 404 does not mean our object',
      code: 404,
      body: status(
        404,
        'NotFound',
        'admission webhook "vscaledobject.kb.io" denied the request: Deployment.apps "shop" not found',
      ),
      fault: 'rejected',
      says: ['refused to apply', 'Deployment.apps "shop" not found'],
    },
    {
      name: 'a kind whose definition is being deleted is served no more',
      code: 403,
      body: status(
        403,
        'Forbidden',
        'scaledobjects.keda.sh "shop" is forbidden: create not allowed while custom resource definition is terminating',
      ),
      fault: 'kind_not_served',
      says: ['does not serve', 'custom resource definition is terminating'],
    },
    {
      name: 'a stale version is a conflict',
      code: 409,
      body: status(409, 'Conflict', 'Operation cannot be fulfilled: the object has been modified'),
      fault: 'conflict',
      says: ['has been modified'],
    },
    {
      name: 'a field of another manager is a conflict that names field and manager',
      code: 409,
      body: status(
        409,
        'Conflict',
        'Apply failed with 1 conflict',
        cause('FieldManagerConflict', '.spec.minReplicaCount', 'conflict with "kubectl"'),
      ),
      fault: 'conflict',
      says: ['.spec.minReplicaCount: conflict with "kubectl"'],
    },
    {
      name: 'an object that exists is not a conflict',
      code: 409,
      body: status(409, 'AlreadyExists', 'scaledobjects.keda.sh "shop" already exists'),
      fault: 'already_exists',
      says: ['already exists'],
    },
    {
      name: 'what RBAC forbids names verb and resource',
      code: 403,
      body: status(
        403,
        'Forbidden',
        'scaledobjects.keda.sh "shop" is forbidden: User "system:serviceaccount:x:y" cannot patch resource',
      ),
      fault: 'forbidden',
      says: ['apply scaledobjects.keda.sh team/shop', 'cannot patch resource'],
    },
    {
      name: 'a namespace that is being deleted is no lack of permission',
      code: 403,
      body: status(
        403,
        'Forbidden',
        'shop is forbidden: unable to create new content in namespace team because it is being terminated',
        cause('NamespaceTerminating', 'metadata.namespace', 'namespace team is being terminated'),
      ),
      fault: 'not_found',
      says: ['being terminated'],
    },
    {
      name: 'a namespace that does not exist',
      code: 404,
      body: status(404, 'NotFound', 'namespaces "team" not found', { name: 'team', kind: 'namespaces' }),
      fault: 'not_found',
      says: ['namespaces "team" not found'],
    },
    {
      name: 'a kind that is not served',
      code: 404,
      body: '404 page not found\n',
      fault: 'kind_not_served',
      says: ['scaledobjects.keda.sh'],
    },
    {
      name: 'a kind that is not served, as a Status',
      code: 404,
      body: status(404, 'NotFound', 'the server could not find the requested resource'),
      fault: 'kind_not_served',
      says: ['requested resource'],
    },
    {
      name: 'an object that is too large',
      code: 413,
      body: status(413, 'RequestEntityTooLarge', 'limit is 3145728'),
      fault: 'rejected',
      says: ['3145728'],
    },
    {
      name: 'an expired version',
      code: 410,
      body: status(410, 'Expired', 'too old'),
      fault: 'gone',
      says: ['too old'],
    },
    {
      name: 'a gateway in between',
      code: 502,
      body: '<html>\n<h1>Bad Gateway</h1></html>',
      fault: 'api_unavailable',
      says: ['502', 'Bad Gateway'],
    },
    { name: 'a redirect', code: 302, body: '', fault: 'api_unavailable', says: ['302'] },
  ])('$name', async ({ code, body, fault, says }) => {
    const got = await applied(code, body);
    expect(got.code).toBe(fault);
    for (const words of says) expect(got.message).toContain(words);
    expect(got.message).not.toMatch(/\n|\bgood\b/);
  });

  test('a page of megabytes becomes one short line', async () => {
    const { message } = await applied(500, 'x '.repeat(1_000_000));
    expect(message.length).toBeLessThan(1200);
  });

  test.each([
    ['a header in seconds', 429, status(429, 'TooManyRequests', 'slow down'), { 'retry-after': '7' }, 7000],
    ['a Status', 429, status(429, 'TooManyRequests', 'slow down', { retryAfterSeconds: 3 }), {}, 3000],
    ['an overloaded server', 503, 'shutting down', { 'retry-after': '1' }, 1000],
    ['nobody', 503, 'shutting down', {}, undefined],
  ] as const)('how long to wait, from %s', async (...[, code, body, headers, wait]) => {
    expect((await applied(code, body, headers)).retryAfterMs).toBe(wait);
  });
});

test.each([
  ['0', 0],
  [' 12 ', 12_000],
  ['Thu, 01 Jan 2026 00:00:30 GMT', 30_000],
  ['Wed, 31 Dec 2025 00:00:00 GMT', 0],
  ['soon', undefined],
  ['', undefined],
  ['-3', undefined],
])('Retry-After "%s" at the start of 2026 is %s ms', (header, wait) =>
  expect(retryAfterOf(header, Date.UTC(2026, 0, 1))).toBe(wait),
);

describe('a failure below HTTP', () => {
  test.each([
    ['ECONNREFUSED', 'refused the connection'],
    ['ECONNRESET', 'closed the connection before the answer'],
    ['ENOTFOUND', 'cannot be resolved'],
    ['EAI_AGAIN', 'DNS does not answer'],
    ['ETIMEDOUT', 'did not take the connection in time'],
    ['EHOSTUNREACH', 'no route'],
    ['CERT_HAS_EXPIRED', 'certificate has expired'],
    ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'signed by another CA'],
    ['ERR_TLS_CERT_ALTNAME_INVALID', 'for another name'],
    ['ERR_SSL_WRONG_VERSION_NUMBER', 'TLS with kube.test:6443 failed'],
    ['ESOMETHING', 'ESOMETHING'],
  ])('%s: %s', async (code, says) => {
    mockedHttp(SERVER)
      .get(() => true)
      .replyWithError(Object.assign(new Error('Authorization: Bearer good'), { code }));
    await using session = await connected(kubeconfig(SERVER));
    const fault = await faultFrom(session.api.reader.get(RESOURCES.Pod, KEY));
    expect(fault.code).toBe('api_unavailable');
    expect(fault.message).toContain(says);
    expect(fault.message).toContain('get pods team/shop');
    expect(fault.message).not.toContain('good');
  });
});
