import { execFile } from 'node:child_process';
import { mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path/posix';
import { afterAll, describe, expect, test } from '@jest/globals';
import { eventually } from './api.ts';
import { installAsPods, uninstallPods, writeKubeconfig } from './bridge.ts';
import { KINDS } from './kinds.ts';
import { api, kubectl, LAB, namespace, SYSTEM } from './lab.ts';
import { PLAIN_QUERY, served } from './serving.ts';

const NAME = 'hpa-bridge';

const leader = async (): Promise<string> => {
  const [pod = ''] = (await api.list(KINDS.lease, SYSTEM))
    .map(({ spec }) => spec.holderIdentity ?? '')
    .filter((identity) => identity.startsWith(`${NAME}-`));
  return pod.split('_')[0] ?? '';
};

afterAll(uninstallPods);

test('what the chart installs works as it is: two pods with their own token, one leads, the other follows', async () => {
  await using space = await namespace('installed');
  await installAsPods();
  const first = await eventually(async () => {
    const pod = await leader();
    expect(pod).not.toBe('');
    return pod;
  });
  await served(space.name, 'one', { query: PLAIN_QUERY, target: '5' });
  await eventually(() => api.get(KINDS.scaledObject, space.name, 'one-00001'));

  await api.remove(KINDS.pod, SYSTEM, first);
  await eventually(async () => expect(['', first]).not.toContain(await leader()));
  await served(space.name, 'two', { query: PLAIN_QUERY, target: '5' });
  await eventually(() => api.get(KINDS.scaledObject, space.name, 'two-00001'));
});

describe('hpa-bridge explain', () => {
  test('asks the leader through the proxy of the API server', async () => {
    await using space = await namespace('explained');
    await installAsPods();
    await served(space.name, 'own', {
      query: PLAIN_QUERY,
      target: '5',
      'hpa-bridge.dev/keda-trigger': 'bridge',
    });
    const { code, out, said } = await eventually(async () => {
      const explained = await explain(join(LAB.run, 'admin.kubeconfig'), `${space.name}/own-00001`);
      expect(explained.out).toMatch(/^answer /m);
      expect(explained.out).toMatch(/^hpa {7}own-00001: has 1, wants/m);
      return explained;
    });
    expect({ code, said }).toEqual({ code: 0, said: '' });
    expect(out).toContain(`revision  ${space.name}/own-00001, by query, through keda\n`);
    expect(out).toMatch(/^ {10}ScalingActive=/m);
    expect(out).toMatch(new RegExp(`^told by {3}${await leader()}_\\S+,\\s+which leads$`, 'm'));
    const gone = await explain(join(LAB.run, 'admin.kubeconfig'), `${space.name}/gone-00001`);
    expect(gone).toEqual({
      code: 1,
      out: '',
      said: `hpa-bridge: There is no PodAutoscaler ${space.name}/gone-00001 of a class that hpa-bridge serves.\n`,
    });
  });

  test('says which right is missing', async () => {
    await using space = await namespace('curious');
    await kubectl(['create', 'serviceaccount', 'curious', '--namespace', space.name]);
    await kubectl([
      'create',
      'role',
      'curious',
      '--verb=get,list',
      '--resource=pods,leases',
      '--namespace',
      SYSTEM,
    ]);
    const account = `--serviceaccount=${space.name}:curious`;
    await kubectl(['create', 'rolebinding', 'curious', '--role=curious', account, '--namespace', SYSTEM]);
    const token = await api.token(space.name, 'curious');
    const path = writeKubeconfig('curious', token);
    const { code, said } = await explain(path, `${space.name}/any-00001`);
    expect(code).toBe(1);
    expect(said).toMatch(
      /cannot get resource "pods\/proxy".*Expected the right to get pods\/proxy there, or kubectl port-forward/,
    );
  });

  afterAll(async () => {
    await kubectl(['delete', 'role,rolebinding', 'curious', '--namespace', SYSTEM, '--ignore-not-found']);
  });
});

interface Ran {
  readonly code: number;
  readonly out: string;
  readonly said: string;
}

const run = (file: string, args: readonly string[], env: Readonly<Record<string, string>>): Promise<Ran> =>
  new Promise((resolve) => {
    execFile(file, args, { env }, (error, out, said) =>
      resolve({ code: error === null ? 0 : Number(error.code), out, said }),
    );
  });

/** The command, from the bundle, as a user runs it. */
const explain = (kubeconfig: string, revision: string): Promise<Ran> =>
  run(process.execPath, ['dist/hpa-bridge.mjs', 'explain', revision, '--kubeconfig', kubeconfig], {
    PATH: '/usr/bin:/bin',
  });

/** As a plugin of kubectl, found by its name. */
async function plugin(name: string, ...args: readonly string[]): Promise<Ran> {
  const folder = await mkdtemp(join(tmpdir(), 'hpa-bridge-plugin-'));
  try {
    await symlink(resolve('dist/hpa-bridge.mjs'), join(folder, 'kubectl-hpa_bridge'));
    return await run(join(LAB.bin, 'kubectl'), [name, ...args], {
      PATH: `${folder}:${dirname(process.execPath)}:/usr/bin:/bin`,
      KUBECONFIG: join(LAB.run, 'admin.kubeconfig'),
    });
  } finally {
    await rm(folder, { recursive: true });
  }
}

describe('as plugins of kubectl', () => {
  test('doctor sees what was installed: who leads, that all rights are there, and which are not', async () => {
    await installAsPods();
    const leading = await eventually(async () => {
      const pod = await leader();
      expect(pod).not.toBe('');
      return pod;
    });
    const { out, said } = await plugin('hpa-bridge', 'doctor');
    expect(said).toBe('');
    expect(out).toMatch(/^ok {4}api-server +\S+:\d+ answers, Kubernetes v1\./m);
    expect(out).toMatch(/^ok {4}kinds /m);
    expect(out).toMatch(/^ok {4}replicas +2 pods of hpa-bridge are ready\.$/m);
    expect(out).toMatch(new RegExp(`^ok {4}leases +${leading}_\\S+ holds the lease hpaautoscaler`, 'm'));
    expect(out).toMatch(/^ok {4}rights +The ServiceAccounts of hpa-bridge may do all that they do\.$/m);
    expect(out).toMatch(/^ok {4}webhook +The certificate in .* is good for (89|90) more days\.$/m);
    expect(out).toMatch(/^\w+ +activators +/m);
    expect(out).toMatch(/^\w+ +certificate +The certificate in .* is good for (89|90) more days\.$/m);

    const other = await plugin('hpa_bridge', 'doctor', '--external-metrics-secret', 'other');
    expect(other.out).toMatch(
      /^warn {2}rights +.* may not list secrets other, watch secrets other and patch secrets other, /m,
    );
  });

  test('top lists what is decided about', async () => {
    await using space = await namespace('listed');
    await installAsPods();
    await served(space.name, 'own', {
      query: PLAIN_QUERY,
      target: '5',
      'hpa-bridge.dev/keda-trigger': 'bridge',
    });
    // No Prometheus is there, so that the requests at the pods count.
    await eventually(async () => {
      const { code, out, said } = await plugin('hpa-bridge', 'top', '--namespace', space.name);
      expect({ code, said }).toEqual({ code: 0, said: '' });
      expect(out.trimEnd().split('\n').at(-1)).toMatch(
        new RegExp(`^${space.name} +own-00001 +query +-/5 +1/1 +concurrency +-$`),
      );
    });
  });
});
