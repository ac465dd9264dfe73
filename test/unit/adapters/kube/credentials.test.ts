import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { connect, type KubeApi } from '../../../../src/adapters/kube/connection.ts';
import type { KubeSource } from '../../../../src/adapters/kube/identity.ts';
import { systemClock } from '../../../../src/adapters/time/system-clock.ts';
import { keyOf } from '../../../../src/domain/key.ts';
import { RESOURCES } from '../../../../src/domain/k8s/resources.ts';
import { seconds } from '../../../../src/domain/time.ts';
import type { Clock } from '../../../../src/ports/clock.ts';
import { selfSigned } from '../../../doubles/certificate.ts';
import { ManualClock } from '../../../doubles/manual-clock.ts';
import { answer, ScriptedApi, status } from '../../../doubles/scripted-api.ts';
import { SilentLog } from '../../../doubles/silent-log.ts';
import { TallyingTelemetry } from '../../../doubles/tallying-telemetry.ts';
import { faultFrom, folder, kubeconfig, type Folder } from './connected.ts';

let server: ScriptedApi;
let files: Folder;
let log: SilentLog;
let opened: KubeApi[] = [];
/** Who the server lets in. */
let accepted: readonly string[];

beforeEach(async () => {
  [server, files, log, accepted] = [await ScriptedApi.start(), folder(), new SilentLog(), ['Bearer one']];
  server.on(
    ({ headers }) => accepted.includes(headers.authorization ?? ''),
    answer(200, { kind: 'Pod', metadata: { name: 'a' } }),
  );
  server.on(() => true, answer(401, status(401, 'Unauthorized', 'Unauthorized')));
});
afterEach(async () => {
  await Promise.all(opened.map((api) => api.close()));
  opened = [];
  await server.close();
  files[Symbol.dispose]();
});

const open = async (source: KubeSource, clock: Clock = systemClock): Promise<KubeApi> => {
  const api = await connect({ source, clock, log, telemetry: new TallyingTelemetry(), version: '0' });
  opened.push(api);
  return api;
};
const openUser = (user: object, clock?: Clock): Promise<KubeApi> =>
  open({ path: files.write('config', kubeconfig(server.url, user)), env: {} }, clock);
/** Whether the server lets us in. */
const letIn = async (api: KubeApi): Promise<boolean> => {
  try {
    await api.reader.get(RESOURCES.Pod, keyOf('team', 'a'));
    return true;
  } catch {
    return false;
  }
};

describe('a token in a file', () => {
  test('that is replaced is used at once when the server refuses the old one', async () => {
    files.write('token', 'one\n');
    const api = await openUser({ tokenFile: 'token' });
    const before = await letIn(api);
    accepted = ['Bearer two'];
    files.write('token', 'two\n');
    expect([before, await letIn(api)]).toEqual([true, true]);
  });

  test('that is replaced is used soon when the server would still take the old one', async () => {
    accepted = ['Bearer one', 'Bearer two'];
    const clock = new ManualClock();
    files.write('token', 'one');
    const api = await openUser({ tokenFile: `${files.path}/token` }, clock);
    await letIn(api);
    files.write('token', 'two');
    await clock.pass(seconds(11));
    await letIn(api);
    expect(server.requests.map(({ headers }) => headers.authorization)).toEqual(['Bearer one', 'Bearer two']);
  });

  test('that vanishes leaves us with the last one', async () => {
    const clock = new ManualClock();
    files.write('token', 'one');
    const api = await openUser({ tokenFile: 'token' }, clock);
    const gone = folder();
    gone[Symbol.dispose]();
    files[Symbol.dispose]();
    await clock.pass(seconds(11));
    expect(await letIn(api)).toBe(true);
    expect(log.lines).toMatchObject([{ level: 'warn', message: 'credentials could not be read again' }]);
  });

  test('that stays wrong is one fault, and soon another try', async () => {
    const clock = new ManualClock();
    files.write('token', 'wrong');
    const api = await openUser({ tokenFile: 'token' }, clock);
    const fault = await faultFrom(api.reader.get(RESOURCES.Pod, keyOf('team', 'a')));
    expect(fault.code).toBe('unauthorized');
    expect(fault.message).not.toContain('wrong');
    files.write('token', 'one');
    await clock.pass(seconds(2));
    expect(await letIn(api)).toBe(true);
  });
});

describe('a credential plugin', () => {
  const plugin = (script: string): object => ({
    exec: {
      apiVersion: 'client.authentication.k8s.io/v1',
      command: files.write('plugin', `#!/bin/sh\n${script}\n`),
    },
  });
  const credential = (token: string, more = ''): string =>
    `echo '{"kind":"ExecCredential","status":{"token":"${token}"${more}}}'`;

  test('gives the token, and is asked again when the server refuses it', async () => {
    files.write('next', 'one');
    const api = await openUser(plugin(`printf '{"status":{"token":"%s"}}' "$(cat ${files.path}/next)"`));
    const before = await letIn(api);
    accepted = ['Bearer two'];
    files.write('next', 'two');
    expect([before, await letIn(api)]).toEqual([true, true]);
  });

  test('is not run for every request, nor once for each of many at the same time', async () => {
    const api = await openUser(plugin(`echo run >> ${files.path}/runs; ${credential('one')}`));
    const { readFileSync } = await import('node:fs');
    expect(await Promise.all(Array.from({ length: 10 }, () => letIn(api)))).not.toContain(false);
    expect(readFileSync(`${files.path}/runs`, 'utf8')).toBe('run\n');
  });

  test.each([
    ['fails', 'echo secret-token >&2; exit 3', 'by hand'],
    ['prints nonsense', 'echo secret-token', 'by hand'],
    ['prints something else', `echo '{"token":"secret-token"}'`, 'by hand'],
  ])('that %s is one sentence without what it printed', async (_, script, says) => {
    const fault = await faultFrom(openUser(plugin(script)));
    expect(fault).toMatchObject({ code: 'config_invalid' });
    expect(fault.message).toContain(`${files.path}/plugin`);
    expect(fault.message).toContain(says);
    expect(fault.message).not.toContain('secret');
  });

  test('that is not installed', async () => {
    const fault = await faultFrom(openUser({ exec: { command: 'no-such-plugin-anywhere' } }));
    expect(fault.message).toBe(
      'The credential plugin no-such-plugin-anywhere cannot be run (ENOENT): install it or put it on PATH.',
    );
  });
});

test('basic auth and impersonation', async () => {
  accepted = [`Basic ${Buffer.from('me:pass').toString('base64')}`];
  const api = await openUser({ username: 'me', password: 'pass', as: 'somebody' });
  expect(await letIn(api)).toBe(true);
  expect(server.requests[0]?.headers['impersonate-user']).toBe('somebody');
});

test('a replaced CA and client certificate are used after TLS refused the old ones', async () => {
  const [old, fresh, client] = [selfSigned('old'), selfSigned('new'), selfSigned('client')];
  const secure = await ScriptedApi.start({ ...fresh, clientCa: client.cert });
  secure.on(() => true, answer(200, { kind: 'Pod', metadata: { name: 'a' } }));
  files.write('ca', old.cert);
  files.write('cert', client.cert);
  files.write('key', client.key);
  const user = { 'client-certificate': 'cert', 'client-key': 'key' };
  const text = kubeconfig(secure.url, user, { 'certificate-authority': 'ca' });
  const api = await open({ path: files.write('config', text), env: {} });
  const before = await letIn(api);
  files.write('ca', fresh.cert);
  expect([before, await letIn(api)]).toEqual([false, true]);
  await api.close();
  await secure.close();
});

describe('in a pod', () => {
  test('the token and the CA are those of its ServiceAccount, and followed when they are replaced', async () => {
    const [first, second] = [selfSigned('first'), selfSigned('second')];
    const secure = await ScriptedApi.start({ ...first });
    let token = 'one';
    secure.on(
      ({ headers }) => headers.authorization === `Bearer ${token}`,
      answer(200, { kind: 'Pod', metadata: { name: 'a' } }),
    );
    secure.on(() => true, answer(401, status(401, 'Unauthorized', 'Unauthorized')));
    const { hostname, port } = new URL(secure.url);
    const env = { KUBERNETES_SERVICE_HOST: hostname, KUBERNETES_SERVICE_PORT: port };
    files.write('token', 'one\n');
    files.write('ca.crt', second.cert);
    const clock = new ManualClock();
    const api = await open({ env, serviceAccount: files.path }, clock);
    const byAnotherCa = await letIn(api);
    files.write('ca.crt', first.cert);
    const byIts = await letIn(api);
    token = 'two';
    files.write('token', 'two');
    await clock.pass(seconds(2));
    const byNewToken = await letIn(api);
    await api.close();
    await secure.close();
    expect([byAnotherCa, byIts, byNewToken]).toEqual([false, true, true]);
  });

  test('without a token nothing is begun, and the file is named', async () => {
    files.write('ca.crt', selfSigned('x').cert);
    const env = { KUBERNETES_SERVICE_HOST: '10.96.0.1' };
    const fault = await faultFrom(open({ env, serviceAccount: files.path }));
    expect(fault).toMatchObject({
      code: 'config_invalid',
      message: `The token of the pod ${files.path}/token cannot be read: there is no such file.`,
    });
  });
});

describe('where the cluster is described', () => {
  test('an explicit path wins over KUBECONFIG, KUBECONFIG over the pod, the pod over the home', async () => {
    const other = await ScriptedApi.start();
    files.write('token', 'one');
    files.write('namespace', 'in-pod\n');
    files.write('ca.crt', selfSigned('x').cert);
    const path = files.write('explicit', kubeconfig(server.url));
    const env = {
      KUBECONFIG: files.write('listed', kubeconfig(other.url)),
      KUBERNETES_SERVICE_HOST: '2001:db8::1',
      KUBERNETES_SERVICE_PORT: '6443',
    };
    const serviceAccount = files.path;
    const of = async (source: KubeSource): Promise<string> =>
      (await open({ ...source, serviceAccount })).server;
    expect(await of({ path, env })).toBe(new URL(server.url).host);
    expect(await of({ env })).toBe(new URL(other.url).host);
    const pod = await open({ env: { ...env, KUBECONFIG: '' }, serviceAccount });
    expect([pod.server, pod.namespace]).toEqual(['[2001:db8::1]:6443', 'in-pod']);
    await other.close();
  });

  test('several files in KUBECONFIG are one, and the first to say something wins', async () => {
    const second = JSON.parse(kubeconfig('http://127.0.0.1:1', { token: 'two' })) as {
      users: { name: string }[];
    };
    const users = JSON.stringify({ users: [...second.users, { name: 'u2', user: { token: 'two' } }] });
    const rest = JSON.stringify({ ...second, users: undefined, 'current-context': 'unused' });
    const first = JSON.stringify({ ...(JSON.parse(kubeconfig(server.url, { token: 'one' })) as object) });
    const KUBECONFIG = [first, users, rest].map((text, i) => files.write(`c${i}`, text)).join(':');
    const api = await open({ env: { KUBECONFIG } });
    expect([api.server, api.namespace, await letIn(api)]).toEqual([new URL(server.url).host, 'system', true]);
  });

  const NONE = { clusters: [], users: [], contexts: [] };
  test.each([
    ['there is no such file', undefined, 'cannot be read: there is no such file.'],
    ['it is not YAML', 'users:\n- name: "x\n  token: secret', 'is not YAML: mistake in line'],
    ['it is a word', 'secret', 'is not a kubeconfig'],
    [
      'it lacks the context',
      JSON.stringify({ ...NONE, 'current-context': 'prod' }),
      'has no context "prod"; it has: none.',
    ],
    [
      'a cluster lacks its server',
      '{"clusters":[{"name":"c","cluster":{}}]}',
      'clusters[0].cluster.server is missing',
    ],
    ['the server is no URL', kubeconfig('kube:6443'), 'needs a server such as https://host:6443.'],
    [
      'the token file is missing',
      kubeconfig('https://kube.test', { tokenFile: '/no/token' }),
      '/no/token cannot be read',
    ],
    [
      'the CA file is missing',
      kubeconfig('https://kube.test', {}, { 'certificate-authority': '/no/ca' }),
      '/no/ca',
    ],
    [
      'the proxy is of another kind',
      kubeconfig('https://kube.test', {}, { 'proxy-url': 'socks5://p' }),
      'proxy-url',
    ],
  ])('one sentence when %s', async (_, text, says) => {
    const path = text === undefined ? `${files.path}/none` : files.write('config', text);
    const fault = await faultFrom(open({ path, env: {} }));
    expect(fault.code).toBe('config_invalid');
    expect(fault.message).toContain(says);
    expect(fault.message).not.toMatch(/secret|\n/);
  });

  test('one sentence when nothing is configured', async () => {
    expect((await faultFrom(open({ env: {} }))).message).toContain('No cluster is configured');
  });

  test('a kubeconfig that suddenly names another cluster is not followed', async () => {
    const other = await ScriptedApi.start();
    const path = files.write('config', kubeconfig(server.url, { token: 'old' }));
    const api = await open({ path, env: {} });
    files.write('config', kubeconfig(other.url, { token: 'one' }));
    expect(await letIn(api)).toBe(false);
    expect(other.requests).toEqual([]);
    expect(log.lines[0]?.fields.detail).toContain('a restart is needed');
    await other.close();
  });
});
