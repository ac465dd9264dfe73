import { X509Certificate } from 'node:crypto';
import { beforeAll, expect, test } from '@jest/globals';
import { ShownCertificate } from '../../../../src/adapters/tls/client-certificate.ts';
import { Authority, CLIENT_AUTH, SERVER_AUTH, type Issued } from '../../../doubles/authority.ts';

const HOUR = 3_600_000;

let root: Authority;
let client: Issued;
beforeAll(async () => {
  root = await Authority.root('root', 10);
  client = await root.issue({ subject: 'CN=jane', purposes: [CLIENT_AUTH], hours: 5 });
});

const shown = ({ cert }: Issued): ShownCertificate => new ShownCertificate(new X509Certificate(cert));
/** Hours from now until the trust ends, rounded. */
const hoursLeft = (certificate: ShownCertificate, bundle: string): number | undefined => {
  const validity = certificate.trusted(bundle);
  return validity === undefined ? undefined : Math.round((validity.until - Date.now()) / HOUR);
};

test.each([
  ['for clients', [CLIENT_AUTH], 5],
  ['for servers and clients', [SERVER_AUTH, CLIENT_AUTH], 5],
  ['for anything', ['2.5.29.37.0'], 5],
  ['for nothing in particular', undefined, 5],
  ['for servers', [SERVER_AUTH], undefined],
])('one that is %s', async (_, purposes, hours) => {
  const issued = await root.issue({
    subject: 'CN=jane',
    hours: 5,
    ...(purposes === undefined ? {} : { purposes }),
  });
  expect(hoursLeft(shown(issued), root.ca)).toBe(hours);
});

test('trust ends with the CA, if that ends first', async () => {
  const long = await root.issue({ subject: 'CN=jane', purposes: [CLIENT_AUTH], hours: 50 });
  expect(hoursLeft(shown(long), root.ca)).toBe(10);
});

test('of two certificates of one CA the one that lasts longer counts', async () => {
  const renewed = await root.renewed(2);
  expect(hoursLeft(shown(client), renewed)).toBe(2);
  expect(hoursLeft(shown(client), `${renewed}${root.ca}`)).toBe(5);
  expect(hoursLeft(shown(client), `${root.ca}${renewed}`)).toBe(5);
});

test('a CA of the same name with another key is another CA', async () => {
  const namesake = await Authority.root('root');
  expect(shown(client).trusted(namesake.ca)).toBeUndefined();
  expect(hoursLeft(shown(client), `${namesake.ca}${root.ca}`)).toBe(5);
});

test('a CA that is not for clients vouches for none', async () => {
  const servers = await Authority.root('servers', 10, [SERVER_AUTH]);
  const issued = await servers.issue({ subject: 'CN=jane', purposes: [CLIENT_AUTH] });
  expect(shown(issued).trusted(servers.ca)).toBeUndefined();
});

test.each(['', 'rubbish', '-----BEGIN CERTIFICATE-----\nQUJD\n-----END CERTIFICATE-----\n'])(
  'a bundle without certificates vouches for nobody: %j',
  (bundle) => expect(shown(client).trusted(bundle)).toBeUndefined(),
);

test('what is no certificate in a bundle does not hide the others', () => {
  expect(
    hoursLeft(
      shown(client),
      `# front proxy\n-----BEGIN CERTIFICATE-----\nQUJD\n-----END CERTIFICATE-----\n${root.ca}`,
    ),
  ).toBe(5);
});

test('who it is', async () => {
  const { commonName, organizations } = shown(
    await root.issue({ subject: 'CN=first, O=ops, O="a, b", CN=last', purposes: [CLIENT_AUTH] }),
  );
  expect({ commonName, organizations }).toEqual({ commonName: 'last', organizations: ['ops', 'a, b'] });
  const nobody = shown(await root.issue({ subject: 'OU=x', purposes: [CLIENT_AUTH] }));
  expect([nobody.commonName, nobody.organizations]).toEqual(['', []]);
});
