import { request as https } from 'node:https';
import { connect as http2 } from 'node:http2';
import { connect as tls } from 'node:tls';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Authority, SERVER_AUTH, type Issued } from '../doubles/authority.ts';
import { eventually } from './api.ts';
import { Bridge, installActivators, uninstallPods } from './bridge.ts';
import { configured } from './cluster-config.ts';
import { KINDS } from './kinds.ts';
import { api, namespace, SYSTEM } from './lab.ts';
import { served } from './serving.ts';

type Space = Awaited<ReturnType<typeof namespace>>;

/** The Secret of whoever takes requests for others, and that of the queue-proxies of a namespace (networking: pkg/config; serving: pkg/networking/constants.go). */
const ROUTING = 'routing-serving-certs';
const SERVING = 'serving-certs';

let authority: Authority;
let shims: readonly string[];
let spaces: readonly [Space, Space];
beforeAll(async () => {
  authority = await Authority.root('knative-selfsigned-ca');
  shims = await installActivators();
  spaces = [await namespace('tls'), await namespace('tls-other')];
});
afterAll(async () => {
  for (const space of spaces) await space[Symbol.asyncDispose]();
  if ((await api.find(KINDS.secret, SYSTEM, ROUTING)) !== undefined)
    await api.remove(KINDS.secret, SYSTEM, ROUTING);
  await uninstallPods();
});

const base64 = (text: string): string => Buffer.from(text).toString('base64');

/** Does what cert-manager does for Knative: one name in a certificate of the authority, in a Secret. */
async function issue(space: string, secret: string, name: string): Promise<Issued> {
  const issued = await authority.issue({ subject: `CN=${name}`, purposes: [SERVER_AUTH], names: [name] });
  const data = {
    'tls.crt': base64(issued.cert),
    'tls.key': base64(issued.key),
    'ca.crt': base64(authority.ca),
  };
  await api.apply(KINDS.secret, { metadata: { namespace: space, name: secret }, data });
  return issued;
}

const gateway = () => ({ ca: authority.ca, servername: 'kn-routing', minVersion: 'TLSv1.3' as const });

const routed = (space: string, revision: string) => ({
  'knative-serving-namespace': space,
  'knative-serving-revision': revision,
});

interface Answer {
  readonly status: number;
  readonly body: string;
}

function askTls(shim: string, space: string, revision: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const headers = routed(space, revision);
    https({ host: shim, port: 8112, agent: false, headers, ...gateway() }, (answer) => {
      let body = '';
      answer.setEncoding('utf8').on('data', (text: string) => (body += text));
      answer.once('end', () => resolve({ status: answer.statusCode ?? 0, body }));
    })
      .once('error', reject)
      .end();
  });
}

function askHttp2(shim: string, space: string, revision: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const session = http2(`https://${shim}:8112`, gateway()).once('error', reject);
    session
      .request({ ':path': '/', ...routed(space, revision) })
      .once('response', ({ ':status': status = 0 }) => {
        session.close();
        resolve(status);
      })
      .once('error', reject)
      .resume();
  });
}

/** The serial number of the certificate that a new connection is shown. */
function serialShown(shim: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = tls({ host: shim, port: 8112, ...gateway() }, () => {
      resolve(socket.getPeerX509Certificate()?.serialNumber ?? '');
      socket.destroy();
    }).once('error', reject);
  });
}

test('with system-internal-tls requests come and go over TLS, and no pod but one of the namespace is believed', async () => {
  await configured('config-network', { 'system-internal-tls': 'enabled' }, async () => {
    const [good, other] = spaces.map(({ name }) => name) as [string, string];
    await issue(SYSTEM, ROUTING, 'kn-routing');
    await issue(good, SERVING, `kn-user-${good}`);
    await issue(other, SERVING, `kn-user-${good}`);
    const [revision, misnamed] = await leftAsleep(good, other);
    const [one = '', two = ''] = shims;

    expect(await askTls(one, good, revision)).toMatchObject({ status: 200 });
    expect(await askHttp2(two, good, revision)).toBe(200);
    expect(await askTls(two, other, misnamed)).toEqual({
      status: 502,
      body: `pod did not answer: "certificate not for kn-user-${other}"`,
    });

    const before = await serialShown(one);
    await issue(SYSTEM, ROUTING, 'kn-routing');
    await eventually(async () => expect(await serialShown(one)).not.toBe(before));
    expect(await askTls(one, good, revision)).toMatchObject({ status: 200 });
  });
});

/** A revision in each namespace, without pods and with nobody who scales it but activators. */
async function leftAsleep(...names: readonly [string, string]): Promise<readonly [string, string]> {
  await using bridge = await Bridge.started('internal-tls');
  await bridge.leading();
  const revisions = await Promise.all(names.map((name) => served(name, 'tls', { metric: 'concurrency' })));
  await Promise.all(
    names.map(async (name, at) => {
      const revision = revisions[at]!;
      await api.patch(KINDS.deployment, name, `${revision}-deployment`, { spec: { replicas: 0 } });
      await eventually(async () => expect(await api.list(KINDS.pod, name)).toEqual([]));
    }),
  );
  return [revisions[0]!, revisions[1]!];
}
