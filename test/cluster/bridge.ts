import { spawn, type ChildProcess } from 'node:child_process';
import { createWriteStream, existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path/posix';
import { expect } from '@jest/globals';
import { stringify } from 'yaml';
import { eventually, type Api } from './api.ts';
import { KINDS, type Lease } from './kinds.ts';
import { callsWith } from './audit.ts';
import { template, yamlOf, type Rendered, type Values } from './helm.ts';
import { api, kubectl, LAB, SYSTEM } from './lab.ts';

/** Intervals short enough for a test to wait for a takeover, and long enough for a machine that has no time for some seconds. */
const QUICK_LEASE = ['--lease-duration', '8s', '--renew-deadline', '6s', '--retry-period', '500ms'];

/** All that Helm would install, which is what `kubectl apply -k config` would apply. */
export const rendered = (): Promise<readonly Rendered[]> => template();

export const applyAll = (objects: readonly Rendered[]): Promise<unknown> =>
  kubectl(['apply', '--server-side', '-f', '-'], yamlOf(objects));

let account: string | undefined;

/**
 * Installs what `config` says about the ServiceAccount, its rights and the ConfigMap. The processes are started by hand, so that a test can
 * kill one. Returns the ServiceAccount's name.
 */
export async function install(): Promise<string> {
  if (account !== undefined) return account;
  const all = await rendered();
  await applyAll(all.filter(({ kind }) => kind !== 'Deployment' && kind !== 'PodDisruptionBudget'));
  account = all.find(({ kind, metadata }) => kind === 'ServiceAccount' && metadata.name === DEPLOYMENT)
    ?.metadata.name;
  if (account === undefined) throw new Error('config has no ServiceAccount for the controller');
  return account;
}

/** The API server, or who stands before it. */
type Entrance = Pick<Api, 'server' | 'certificateAuthority'>;

/** A kubeconfig of whoever has the token; its path. */
export function writeKubeconfig(
  name: string,
  token: string,
  { server, certificateAuthority }: Entrance = api,
): string {
  const path = join(LAB.run, `bridge-${name}.kubeconfig`);
  const cluster = { server, 'certificate-authority-data': certificateAuthority };
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'lab',
    clusters: [{ name: 'lab', cluster }],
    users: [{ name: 'bridge', user: { token } }],
    contexts: [{ name: 'lab', context: { cluster: 'lab', user: 'bridge' } }],
  };
  writeFileSync(path, stringify(config), { mode: 0o600 });
  return path;
}

/** A kubeconfig with a token of the bridge's ServiceAccount, as a pod of the bridge would have it. */
export async function identity(
  name: string,
  entrance?: Entrance,
): Promise<{ readonly kubeconfig: string; readonly token: string }> {
  const token = await api.token(SYSTEM, await install());
  return { kubeconfig: writeKubeconfig(name, token, entrance), token };
}

interface DeploymentManifest extends Rendered {
  readonly spec: { readonly template: { readonly spec: { readonly containers: readonly object[] } } };
}

const isDeployment = (object: Rendered): object is DeploymentManifest => object.kind === 'Deployment';

/** The same manifest with the image that the lab runs as a process from the bundle. */
function withLabImage(object: Rendered): Rendered {
  if (!isDeployment(object)) return object;
  const { template } = object.spec;
  const containers = template.spec.containers.map((container) => ({
    ...container,
    image: 'local/hpa-bridge:1',
  }));
  const spec = { ...object.spec, template: { ...template, spec: { ...template.spec, containers } } };
  return { ...object, spec };
}

/** What `config` installs of the controller and of the activator. */
const DEPLOYMENT = 'hpa-bridge';
const ACTIVATOR = 'hpa-bridge-activator';
const podsOf = (component: string): string =>
  `?labelSelector=${encodeURIComponent(`app.kubernetes.io/name=hpa-bridge,app.kubernetes.io/component=${component}`)}`;
const PODS = podsOf('controller');

const untilReady = (deployment: string): Promise<void> =>
  eventually(async () => {
    const { status } = await api.get(KINDS.deployment, SYSTEM, deployment);
    expect(status).toMatchObject({ readyReplicas: 2 });
  });

/** Installs all that `config` says, with these values of the chart over it, and waits until both replicas of the controller are ready. */
export async function installAsPods(values: Values = {}): Promise<void> {
  await applyAll((await template(values)).map(withLabImage));
  await untilReady(DEPLOYMENT);
}

/** Installs the activator as `config` says, and waits until both replicas are ready; their addresses. */
export async function installActivators(): Promise<readonly string[]> {
  const parts = (await rendered()).filter(({ metadata }) => metadata.name === ACTIVATOR);
  await applyAll(parts.map(withLabImage));
  await untilReady(ACTIVATOR);
  return addressesOf('activator');
}

/** Replaces every activator by a new one, as an upgrade does, and waits until the new ones are ready; those that leave take their time. `mark` differs each time. */
export async function rollOutActivators(mark: string): Promise<void> {
  const template = { metadata: { annotations: { 'lab/rollout': mark } } };
  await api.patch(KINDS.deployment, SYSTEM, ACTIVATOR, { spec: { template } });
  await eventually(async () => {
    const { metadata, status } = await api.get(KINDS.deployment, SYSTEM, ACTIVATOR);
    expect(status).toMatchObject({
      observedGeneration: metadata.generation,
      updatedReplicas: 2,
      readyReplicas: 2,
      replicas: 2,
    });
  });
}

/** The addresses of the pods of a component, `controller` or `activator`; of those of earlier cases that still leave, none. */
export async function addressesOf(component: string): Promise<readonly string[]> {
  const pods = await api.list(KINDS.pod, SYSTEM, podsOf(component));
  return pods
    .filter(({ metadata }) => metadata.deletionTimestamp === undefined)
    .flatMap(({ status }) => (status?.podIP === undefined ? [] : [status.podIP]));
}

/** Sets how many replicas run, and waits until it is so. */
export async function scalePods(replicas: number): Promise<void> {
  await api.patch(KINDS.deployment, SYSTEM, DEPLOYMENT, { spec: { replicas } });
  await eventually(async () => {
    const { status } = await api.get(KINDS.deployment, SYSTEM, DEPLOYMENT);
    expect([status?.replicas ?? 0, status?.readyReplicas ?? 0]).toEqual([replicas, replicas]);
    expect(await api.list(KINDS.pod, SYSTEM, PODS)).toHaveLength(replicas);
  });
}

export async function uninstallPods(): Promise<void> {
  for (const name of [DEPLOYMENT, ACTIVATOR])
    if ((await api.find(KINDS.deployment, SYSTEM, name)) !== undefined)
      await api.remove(KINDS.deployment, SYSTEM, name);
  await eventually(async () => expect(await api.list(KINDS.pod, SYSTEM, PODS)).toEqual([]));
}

/** The lease of Knative's autoscaler-hpa, which ours holds so that a forgotten one stays passive. */
const LEASE = 'hpaautoscaler.knative.dev.serving.pkg.reconciler.autoscaling.hpa.reconciler.00-of-01';

export const leaseOfBridge = (): Promise<Lease> => api.get(KINDS.lease, SYSTEM, LEASE);

/** If one that was killed still holds the lease, nobody does any more: who waits for it need not wait until it is up. */
export async function freeLeaseOf({ name }: Bridge): Promise<void> {
  const { metadata, spec } = await leaseOfBridge();
  if (spec.holderIdentity?.startsWith(`${name}_`) !== true) return;
  const { resourceVersion } = metadata;
  await api.patch(KINDS.lease, SYSTEM, LEASE, {
    metadata: { resourceVersion },
    spec: { holderIdentity: '' },
  });
}

/** Decisions that came to the same; of docs/decision-record.md what cases look at. */
interface DecisionRun {
  readonly at: string;
  readonly pods: number | null;
  readonly count: number;
  readonly sentence: string;
}

let ports = 18_080;

/** One process of the bridge, from the bundle, under its own ServiceAccount. Killed when it is disposed of. */
export class Bridge implements AsyncDisposable {
  readonly name: string;
  readonly url: string;
  readonly #process: ChildProcess;
  readonly #credential: string;
  readonly #exit: Promise<number | NodeJS.Signals>;
  readonly #lines: string[] = [];

  private constructor(name: string, port: number, credential: string, process: ChildProcess) {
    this.name = name;
    this.url = `http://127.0.0.1:${port}`;
    this.#credential = credential;
    this.#process = process;
    this.#exit = new Promise((resolve) =>
      process.once('exit', (code, signal) => resolve(code ?? signal ?? -1)),
    );
    const file = createWriteStream(join(LAB.run, 'logs', `bridge-${name}.log`), { flags: 'a' });
    for (const stream of [process.stdout, process.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        file.write(text);
        this.#lines.push(text);
      });
    }
  }

  /** Starts the process; `started` and `leading` wait for more. */
  static async start(name: string, flags: readonly string[] = [], entrance?: Entrance): Promise<Bridge> {
    if (!existsSync('dist/hpa-bridge.mjs'))
      throw new Error('dist/hpa-bridge.mjs is not built: npm run build');
    const { kubeconfig, token } = await identity(name, entrance);
    const port = ports++;
    const own = ['--kubeconfig', kubeconfig, '--http-port', String(port), ...QUICK_LEASE];
    const process = spawn(
      globalThis.process.execPath,
      ['dist/hpa-bridge.mjs', 'controller', ...own, ...flags],
      {
        stdio: ['ignore', 'pipe', 'pipe'],
        env: { PATH: '/usr/bin:/bin', POD_NAME: name },
      },
    );
    return new Bridge(name, port, credentialOf(token), process);
  }

  /** As `start`, and waits until its caches are filled. */
  static async started(name: string, flags: readonly string[] = [], entrance?: Entrance): Promise<Bridge> {
    const bridge = await Bridge.start(name, flags, entrance);
    await bridge.ready();
    return bridge;
  }

  /** Everything it has written to its standard output and error. */
  get output(): string {
    return this.#lines.join('');
  }

  async ready(): Promise<void> {
    await eventually(async () => {
      if (this.#process.exitCode !== null) throw new Error(`bridge ${this.name} ended:\n${this.output}`);
      const answer = await fetch(`${this.url}/readyz`);
      if (!answer.ok) throw new Error(`/readyz: ${answer.status} ${await answer.text()}\n${this.output}`);
    }).catch((thrown: unknown) => {
      this.#process.kill('SIGKILL');
      throw new Error(`bridge ${this.name} did not become ready:\n${this.output}`, { cause: thrown });
    });
  }

  /** The sum of a metric over the series that have these labels. */
  async metric(name: string, labels: Readonly<Record<string, string>> = {}): Promise<number> {
    const text = await (await fetch(`${this.url}/metrics`)).text();
    const wanted = Object.entries(labels).map(([key, value]) => `${key}="${value}"`);
    return text
      .split('\n')
      .filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `))
      .filter((line) => wanted.every((label) => line.includes(label)))
      .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' '))), 0);
  }

  /** Waits until it holds the lease. */
  async leading(): Promise<void> {
    await eventually(async () => expect(await this.metric('hpa_bridge_leader')).toBe(1));
  }

  /** What it has decided about a revision, the newest first. */
  async decisions(namespace: string, revision: string): Promise<readonly DecisionRun[]> {
    const answer = await fetch(`${this.url}/decisions/${namespace}/${revision}`);
    return ((await answer.json()) as { readonly decisions: readonly DecisionRun[] }).decisions;
  }

  /** What this very process wrote, as `verb resource/name`, by the API server's audit log; events and leases are left out. */
  writes(namespace?: string): readonly string[] {
    return callsWith(this.#credential).flatMap(({ verb, objectRef }) =>
      objectRef === undefined ||
      ['get', 'list', 'watch'].includes(verb) ||
      ['events', 'leases'].includes(objectRef.resource) ||
      (namespace !== undefined && objectRef.namespace !== namespace)
        ? []
        : [`${verb} ${objectRef.resource}/${objectRef.name ?? ''}`],
    );
  }

  /** Sends the signal and waits for the end: the exit code, or the signal that ended it. */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | NodeJS.Signals> {
    if (this.#process.exitCode === null) this.#process.kill(signal);
    return this.#exit;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop('SIGTERM');
  }
}

/** How the audit log names whoever came with this token. */
function credentialOf(token: string): string {
  const [, payload = ''] = token.split('.');
  const { jti } = JSON.parse(Buffer.from(payload, 'base64url').toString()) as { readonly jti: string };
  return `JTI=${jti}`;
}
