import { X509Certificate } from 'node:crypto';
import { beforeAll, expect, test } from '@jest/globals';
import { certificates } from '../../../../src/adapters/tls/certificates.ts';
import type { Material } from '../../../../src/domain/certificate.ts';
import { instant } from '../../../../src/domain/time.ts';
import { Authority, CLIENT_AUTH, SERVER_AUTH } from '../../../doubles/authority.ts';

const NAME = 'bridge.knative-serving.svc';
const FROM = instant(Date.UTC(2026, 0, 1));
const UNTIL = instant(Date.UTC(2026, 3, 1));

let made: Material;
let authority: Authority;
beforeAll(async () => {
  made = await certificates.make([NAME, `${NAME}.cluster.local`], { from: FROM, until: UNTIL });
  authority = await Authority.root('owner');
});

test('what is made can be read, and holds as long as it should', () => {
  expect(certificates.read(made, NAME)).toEqual({ ok: true, value: { notBefore: FROM, notAfter: UNTIL } });
  expect(certificates.read(made, `${NAME}.cluster.local`).ok).toBe(true);
});

test('it is for servers, is no CA, and its CA is another one each time', async () => {
  const leaf = new X509Certificate(made.cert);
  expect([leaf.ca, leaf.keyUsage]).toEqual([false, [SERVER_AUTH]]);
  const again = await certificates.make([NAME], { from: FROM, until: UNTIL });
  expect(certificates.read({ ...again, ca: made.ca }, NAME).ok).toBe(false);
});

const issued = async (
  purposes: readonly string[] | undefined,
  names: readonly string[] = [NAME],
): Promise<Material> => ({
  ca: authority.ca,
  ...(await authority.issue({ subject: 'CN=x', names, ...(purposes === undefined ? {} : { purposes }) })),
});

test.each<[string, () => Promise<Material>]>([
  ['without a purpose', () => issued(undefined)],
  ['for a wildcard', () => issued([SERVER_AUTH], ['*.knative-serving.svc'])],
  [
    'that comes with what leads to its CA',
    async () => {
      const below = await authority.below('issuing');
      return {
        ca: authority.ca,
        ...(await below.issue({ subject: 'CN=x', purposes: [SERVER_AUTH], names: [NAME] })),
      };
    },
  ],
  [
    'that is trusted itself',
    async () => {
      const { cert, key } = await issued([SERVER_AUTH]);
      return { ca: cert, cert, key };
    },
  ],
])('one of the owner %s is good', async (_, material) => {
  expect(certificates.read(await material(), NAME).ok).toBe(true);
});

const other = 'expected that name among its DNS names.';
test.each<[string, () => Promise<Material>, string]>([
  [
    'no certificate',
    () => Promise.resolve({ ...made, cert: 'x' }),
    'tls.crt holds no certificate: expected one in PEM.',
  ],
  [
    'no key',
    () =>
      Promise.resolve({ ...made, key: '-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----' }),
    'tls.key holds no private key: expected one in PEM, without a password.',
  ],
  [
    'the key of another',
    async () => ({ ...made, key: (await issued([SERVER_AUTH])).key }),
    'tls.key is not the key of the certificate in tls.crt.',
  ],
  [
    'another name',
    () => issued([SERVER_AUTH], ['other.knative-serving.svc']),
    `The certificate in tls.crt is not for ${NAME}: ${other}`,
  ],
  [
    'the name only as its subject',
    async () => ({
      ca: authority.ca,
      ...(await authority.issue({ subject: `CN=${NAME}`, purposes: [SERVER_AUTH] })),
    }),
    `The certificate in tls.crt is not for ${NAME}: ${other}`,
  ],
  [
    'one for clients',
    () => issued([CLIENT_AUTH]),
    'The certificate in tls.crt is not for servers: expected the extended key usage serverAuth.',
  ],
  [
    'the CA of another',
    async () => ({ ...(await issued([SERVER_AUTH])), ca: made.ca }),
    'No CA in ca.crt has signed the certificate in tls.crt: expected the one that has.',
  ],
])('%s is refused in one sentence', async (_, material, error) => {
  expect(certificates.read(await material(), NAME)).toEqual({ ok: false, error });
});
