import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

/** A real control plane without nodes: etcd, kube-apiserver and kube-controller-manager on loopback, in a folder that goes with it. */
export interface RealApiServer {
  readonly url: string;
  /** YAML text with an administrator's certificate. */
  readonly kubeconfig: string;
  /** Forgets every older version, as the server does by itself every few minutes. */
  expireHistory(): Promise<void>;
  stop(): Promise<void>;
}

const run = promisify(execFile);

/** Where test/cluster/lab/build.sh puts the binaries, unless KUBEBUILDER_ASSETS names another folder. */
export const binaries = (): string =>
  process.env['KUBEBUILDER_ASSETS'] ??
  join(
    process.env['LAB_ROOT'] ??
      join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'hpa-bridge-lab'),
    'bin',
  );

const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const probe = createServer().once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as AddressInfo;
      probe.close(() => resolve(port));
    });
  });

/** Asks until `ready` says yes; a server that takes longer than a minute has failed. */
async function until(what: string, ready: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 600; tries++) {
    if (await ready().catch(() => false)) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`${what} did not come up within a minute`);
}

const CURVE = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];

async function makeCertificates(folder: string): Promise<void> {
  const openssl = (...args: string[]): Promise<unknown> => run('openssl', args, { cwd: folder });
  const certificate = async (name: string, subject: string, extensions: string): Promise<void> => {
    writeFileSync(join(folder, `${name}.ext`), extensions);
    await openssl('req', ...CURVE, '-keyout', `${name}.key`, '-out', `${name}.csr`, '-subj', subject);
    const ca = ['-CA', 'ca.crt', '-CAkey', 'ca.key', '-CAcreateserial', '-days', '2'];
    await openssl(
      'x509',
      '-req',
      '-in',
      `${name}.csr`,
      ...ca,
      '-out',
      `${name}.crt`,
      '-extfile',
      `${name}.ext`,
    );
  };
  await openssl(
    'req',
    '-x509',
    ...CURVE,
    '-days',
    '2',
    '-keyout',
    'ca.key',
    '-out',
    'ca.crt',
    '-subj',
    '/CN=ca',
  );
  await certificate(
    'server',
    '/CN=kube-apiserver',
    'subjectAltName=IP:127.0.0.1\nextendedKeyUsage=serverAuth',
  );
  await certificate('admin', '/O=system:masters/CN=admin', 'extendedKeyUsage=clientAuth');
  await openssl('genrsa', '-out', 'sa.key', '2048');
}

function kubeconfigOf(folder: string, url: string): string {
  const data = (file: string): string => readFileSync(join(folder, file)).toString('base64');
  return [
    'apiVersion: v1',
    'kind: Config',
    'current-context: real',
    `clusters: [{name: real, cluster: {server: "${url}", certificate-authority-data: ${data('ca.crt')}}}]`,
    `users: [{name: admin, user: {client-certificate-data: ${data('admin.crt')}, client-key-data: ${data('admin.key')}}}]`,
    'contexts: [{name: real, context: {cluster: real, user: admin}}]',
    '',
  ].join('\n');
}

/** The folder of a Go module that the lab pins. */
async function moduleFolder(pins: string, module: string): Promise<string> {
  const cwd = fileURLToPath(new URL(`lab/modules/${pins}`, import.meta.url));
  await run('go', ['mod', 'download', module], { cwd });
  return (await run('go', ['list', '-m', '-f', '{{.Dir}}', module], { cwd })).stdout.trim();
}

/** Installs the definitions of Knative and KEDA from the pinned modules' own files. */
async function installDefinitions(folder: string): Promise<void> {
  const kubectl = (...args: string[]): Promise<{ stdout: string }> =>
    run(join(binaries(), 'kubectl'), ['--kubeconfig', join(folder, 'kubeconfig'), ...args], {
      maxBuffer: 2 ** 26,
    });
  const serving = await moduleFolder('knative', 'knative.dev/serving');
  const networking = await moduleFolder('knative', 'knative.dev/networking');
  const keda = await moduleFolder('keda', 'github.com/kedacore/keda/v2');
  writeFileSync(join(folder, 'keda.yaml'), (await kubectl('kustomize', join(keda, 'config/crd'))).stdout);
  const files = [
    join(serving, 'config/core/300-resources'),
    join(networking, 'config/serverlessservice.yaml'),
    join(folder, 'keda.yaml'),
  ];
  await kubectl('apply', '--server-side', ...files.flatMap((file) => ['-f', file]));
  await kubectl('wait', '--for=condition=Established', 'crd', '--all', '--timeout=60s');
}

/** Starts a real control plane. Needs the binaries that test/cluster/lab/build.sh makes, and openssl. */
export async function startRealApiServer(): Promise<RealApiServer> {
  const folder = mkdtempSync(join(tmpdir(), 'hpa-bridge-apiserver-'));
  const started: ChildProcess[] = [];
  const start = (name: string, ...args: string[]): void => {
    const log = openSync(join(folder, `${name}.log`), 'w');
    started.unshift(spawn(join(binaries(), name), args, { stdio: ['ignore', log, log] }));
  };
  const stop = async (): Promise<void> => {
    for (const child of started) await ended(child);
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    const [clients, peers, secure] = await Promise.all([freePort(), freePort(), freePort()]);
    const etcd = `http://127.0.0.1:${clients}`;
    const url = `https://127.0.0.1:${secure}`;
    await makeCertificates(folder);
    writeFileSync(join(folder, 'kubeconfig'), kubeconfigOf(folder, url));
    start('etcd', ...etcdFlags(folder, etcd, `http://127.0.0.1:${peers}`));
    await until('etcd', async () => (await fetch(`${etcd}/health`)).ok);
    start('kube-apiserver', ...apiServerFlags(folder, etcd, secure));
    const kubectl = join(binaries(), 'kubectl');
    const kubeconfig = join(folder, 'kubeconfig');
    const get = (path: string) => run(kubectl, ['--kubeconfig', kubeconfig, 'get', '--raw', path]);
    await until('kube-apiserver', async () => (await get('/readyz')).stdout === 'ok');
    start('kube-controller-manager', ...controllerManagerFlags(folder, kubeconfig));
    await installDefinitions(folder);
    return { url, kubeconfig: readFileSync(kubeconfig, 'utf8'), expireHistory: () => compact(etcd), stop };
  } catch (thrown) {
    await stop();
    throw thrown;
  }
}

const etcdFlags = (folder: string, clients: string, peers: string): string[] => [
  ...['--data-dir', join(folder, 'etcd'), '--unsafe-no-fsync', '--log-level', 'warn'],
  ...['--listen-client-urls', clients, '--advertise-client-urls', clients, '--listen-peer-urls', peers],
  ...['--initial-advertise-peer-urls', peers, '--initial-cluster', `default=${peers}`],
];

const apiServerFlags = (folder: string, etcd: string, port: number): string[] => [
  ...['--etcd-servers', etcd, '--bind-address', '127.0.0.1', '--advertise-address', '127.0.0.1'],
  ...['--secure-port', String(port), '--service-cluster-ip-range', '10.97.0.0/16'],
  ...['--client-ca-file', join(folder, 'ca.crt'), '--tls-cert-file', join(folder, 'server.crt')],
  ...[
    '--tls-private-key-file',
    join(folder, 'server.key'),
    '--service-account-key-file',
    join(folder, 'sa.key'),
  ],
  ...['--service-account-signing-key-file', join(folder, 'sa.key')],
  ...['--service-account-issuer', 'https://kubernetes.default.svc', '--authorization-mode', 'RBAC'],
  ...['--disable-admission-plugins', 'ServiceAccount', '--endpoint-reconciler-type', 'none'],
];

const controllerManagerFlags = (folder: string, kubeconfig: string): string[] => [
  ...['--kubeconfig', kubeconfig, '--leader-elect=false', '--secure-port', '0'],
  ...['--service-account-private-key-file', join(folder, 'sa.key'), '--kube-api-qps', '200'],
  // Only who deletes: no workload controller may change what a case has written.
  ...['--kube-api-burst', '400', '--controllers', 'garbage-collector-controller,namespace-controller'],
];

async function compact(etcd: string): Promise<void> {
  const call = async (
    path: string,
    body: object,
  ): Promise<{ readonly header: { readonly revision: string } }> => {
    const answer = await fetch(`${etcd}/v3/kv/${path}`, { method: 'POST', body: JSON.stringify(body) });
    return (await answer.json()) as { readonly header: { readonly revision: string } };
  };
  const { header } = await call('range', { key: 'AA==' });
  await call('compaction', { revision: header.revision, physical: true });
}

const ended = (child: ChildProcess): Promise<void> =>
  new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) {
      resolve();
      return;
    }
    const killed = setTimeout(() => child.kill('SIGKILL'), 10_000);
    child.once('exit', () => {
      clearTimeout(killed);
      resolve();
    });
    child.kill('SIGTERM');
  });
