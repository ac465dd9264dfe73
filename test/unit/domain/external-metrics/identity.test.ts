import { expect, test } from '@jest/globals';
import {
  ANONYMOUS,
  authenticated,
  bearerToken,
  identityInHeaders,
  maySpeakForOthers,
} from '../../../../src/domain/external-metrics/identity.ts';

const NAMES = {
  ca: '',
  allowedNames: [],
  usernames: ['x-remote-user', 'x-forwarded-user'],
  groups: ['x-remote-group', 'x-forwarded-group'],
  uids: ['x-remote-uid'],
  extraPrefixes: ['x-remote-extra-', 'x-more-'],
};

test('the first user header that says something counts, groups of all headers are joined', () => {
  const headers = {
    'x-remote-user': [''],
    'x-forwarded-user': ['jane', 'root'],
    'x-remote-group': ['a'],
    'x-forwarded-group': ['b', 'a'],
  };
  expect(identityInHeaders(headers, NAMES)).toEqual({
    user: 'jane',
    uid: '',
    groups: ['a', 'b', 'a'],
    extra: {},
  });
});

test('without a user there is nobody, whatever groups are named', () => {
  expect(identityInHeaders({ 'x-remote-group': ['system:masters'] }, NAMES)).toBeUndefined();
});

test('keys of extras are decoded, and one that cannot be stays as it is', () => {
  const headers = {
    'x-remote-user': ['jane'],
    'x-remote-extra-example.com%2fa%20b': ['1', '2'],
    'x-more-example.com%2fa%20b': ['3'],
    'x-remote-extra-%zz': ['4'],
    'x-other-c': ['5'],
  };
  expect(identityInHeaders(headers, NAMES)?.extra).toEqual({
    'example.com/a b': ['1', '2', '3'],
    '%zz': ['4'],
  });
});

test('whoever is known is authenticated, once; the anonymous never is', () => {
  const jane = { user: 'jane', uid: '', groups: ['a'], extra: {} };
  expect(authenticated(jane).groups).toEqual(['a', 'system:authenticated']);
  expect(authenticated(authenticated(jane))).toEqual(authenticated(jane));
  expect(authenticated(ANONYMOUS)).toEqual(ANONYMOUS);
  expect(authenticated({ ...jane, user: 'system:anonymous', groups: [] }).groups).toEqual([]);
  expect(authenticated({ ...jane, groups: ['system:unauthenticated'] }).groups).toEqual([
    'system:unauthenticated',
  ]);
});

test('an empty list of names allows all, any other only its own', () => {
  expect(maySpeakForOthers('anybody', NAMES)).toBe(true);
  expect(maySpeakForOthers('a', { ...NAMES, allowedNames: ['a', 'b'] })).toBe(true);
  expect(maySpeakForOthers('', { ...NAMES, allowedNames: ['a', 'b'] })).toBe(false);
});

test.each([
  ['Bearer abc', 'abc'],
  ['bearer  abc ', 'abc'],
  ['Bearer abc def', 'abc'],
  ['Bearer ', undefined],
  ['Bearer', undefined],
  ['Basic abc', undefined],
  ['', undefined],
])('the token of %j is %j', (authorization, token) => {
  expect(bearerToken({ authorization: [authorization] })).toBe(token);
});
