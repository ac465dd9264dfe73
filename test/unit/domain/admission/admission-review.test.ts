import { expect, test } from '@jest/globals';
import { admissionAnswer, readAdmissionReview } from '../../../../src/domain/admission/admission-review.ts';

const asking = (request: unknown): string =>
  JSON.stringify({ apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', request });

test('a review is read as the API server writes it, null and absent being the same', () => {
  const object = { apiVersion: 'serving.knative.dev/v1', kind: 'Service', metadata: { name: 'shop' } };
  expect(
    readAdmissionReview(asking({ uid: 'u', operation: 'CREATE', object, oldObject: null, options: {} })),
  ).toEqual({
    ok: true,
    value: { uid: 'u', operation: 'CREATE', subResource: '', object, oldObject: undefined },
  });
});

test.each([
  ['nothing', '', 'the body'],
  ['no JSON', '{', 'the body'],
  ['another kind', JSON.stringify({ apiVersion: 'v1', kind: 'Pod' }), 'apiVersion'],
  ['no request', asking(undefined), 'request'],
  ['no uid', asking({ uid: '', operation: 'CREATE' }), 'request.uid'],
  ['an object that is a list', asking({ uid: 'u', operation: 'CREATE', object: [] }), 'request.object'],
])('what is none is told so: %s', (_, body, where) => {
  expect(readAdmissionReview(body)).toEqual({
    ok: false,
    error: `${where} is not that of an AdmissionReview: expected JSON of admission.k8s.io/v1 with a request in it.`,
  });
});

test('an answer has the uid of the question; sentences of a refusal follow each other', () => {
  const refused = {
    refusals: ['One is wrong.', 'Two is wrong.'],
    warnings: ['Three may be meant otherwise.'],
  };
  expect(admissionAnswer('u', refused)).toEqual({
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    response: {
      uid: 'u',
      allowed: false,
      status: { code: 400, reason: 'BadRequest', message: 'One is wrong. Two is wrong.' },
      warnings: ['Three may be meant otherwise.'],
    },
  });
  expect(admissionAnswer('u', { refusals: [], warnings: [] })['response']).toEqual({
    uid: 'u',
    allowed: true,
  });
});
