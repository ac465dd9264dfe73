import { expect, test } from '@jest/globals';
import { readTrust } from '../../../../src/domain/external-metrics/trust.ts';

const WHOLE = {
  'client-ca-file': 'USERS',
  'requestheader-client-ca-file': 'FRONT',
  'requestheader-allowed-names': '["front-proxy-client"]',
  'requestheader-username-headers': '["X-Remote-User"]',
  'requestheader-group-headers': '["X-Remote-Group"]',
  'requestheader-uid-headers': '["X-Remote-Uid"]',
  'requestheader-extra-headers-prefix': '["X-Remote-Extra-"]',
};

test('as a cluster of today publishes it', () => {
  expect(readTrust(WHOLE)).toEqual({
    ok: true,
    value: {
      clientCa: 'USERS',
      requestHeaders: {
        ca: 'FRONT',
        allowedNames: ['front-proxy-client'],
        usernames: ['x-remote-user'],
        groups: ['x-remote-group'],
        uids: ['x-remote-uid'],
        extraPrefixes: ['x-remote-extra-'],
      },
    },
  });
});

test('without the CA of the front proxy no header is believed, whatever the rest says', () => {
  const entries = Object.entries(WHOLE).filter(([key]) => key !== 'requestheader-client-ca-file');
  for (const ca of [{}, { 'requestheader-client-ca-file': '' }, { 'requestheader-client-ca-file': ' \n' }])
    expect(readTrust({ ...Object.fromEntries(entries), ...ca })).toEqual({
      ok: true,
      value: { clientCa: 'USERS', requestHeaders: undefined },
    });
});

test('nothing is nobody', () => {
  expect(readTrust({})).toEqual({ ok: true, value: { clientCa: undefined, requestHeaders: undefined } });
});

test.each(['X-Remote-User', '[1]', '{"a":1}', 'null'])('%s is no list', (text) => {
  expect(readTrust({ ...WHOLE, 'requestheader-username-headers': text })).toEqual({
    ok: false,
    error: `requestheader-username-headers is ${JSON.stringify(text)}: expected a JSON list of texts, for example ["X-Remote-User"].`,
  });
});
