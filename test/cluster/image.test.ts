import { spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startApiServer, type ApiServer } from '../../src/playground/api-server/server.ts';
import { assemble, memoryGroup, startImage, stopImage, type Image } from './image.ts';

const COMMIT = '0123abc';
const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { readonly version: string };

let image: Image & Disposable;
let server: ApiServer;
const running = new Set<ChildProcess>();

beforeAll(async () => {
  image = assemble({ COMMIT });
  server = await startApiServer();
  await fetch(`${server.url}/api/v1/namespaces`, {
    method: 'POST',
    body: JSON.stringify({ metadata: { name: 'knative-serving' } }),
    headers: { 'content-type': 'application/json' },
  });
  const kubeconfig = join(image.root, 'etc', 'kubeconfig');
  writeFileSync(kubeconfig, server.kubeconfig());
  chmodSync(kubeconfig, 0o444);
});
afterAll(async () => {
  for (const child of running) child.kill('SIGKILL');
  image[Symbol.dispose]();
  await server.stop();
});

/** What a process of the image has said until it ended, and with which code. */
async function ended(child: ChildProcess): Promise<{ code: number | null; out: string; said: string }> {
  running.add(child);
  let [out, said] = ['', ''];
  child.stdout?.on('data', (text: Buffer) => (out += text.toString()));
  child.stderr?.on('data', (text: Buffer) => (said += text.toString()));
  const [code] = (await once(child, 'close')) as [number | null];
  running.delete(child);
  return { code, out, said };
}

test('it names its version and the commit that it was built from, and its labels do, too', async () => {
  const { code, out, said } = await ended(startImage(image, ['--version']));
  expect({ code, out, said }).toEqual({ code: 0, out: `hpa-bridge ${version} (${COMMIT})\n`, said: '' });
  expect(image.labels).toContain(`org.opencontainers.image.revision="${COMMIT}"`);
  expect(image.labels).toContain('org.opencontainers.image.title="hpa-bridge"');
});

test.each([
  ['the controller, which it starts without a command', undefined, '"leading"'],
  ['the activator', ['activator'], '"listening for requests"'],
])(
  '%s runs in it: another user, a root that cannot be written, process 1; a signal ends it well',
  async (_, args, begun) => {
    const child = startImage(image, args, {
      KUBECONFIG: '/etc/kubeconfig',
      POD_NAME: 'hpa-bridge-0',
      HPA_BRIDGE_BIND_ADDRESS: '127.0.0.1',
      HPA_BRIDGE_HTTP_PORT: '0',
      HPA_BRIDGE_LAME_DUCK: '0s',
      ...{ HPA_BRIDGE_PROXY_HTTP_PORT: '0', HPA_BRIDGE_PROXY_H2C_PORT: '0', HPA_BRIDGE_PROXY_TLS_PORT: '0' },
    });
    const over = ended(child);
    const lines: string[] = [];
    const line = (has: string): Promise<string> =>
      new Promise((resolve, reject) => {
        createInterface({ input: child.stdout! }).on('line', (text) => {
          lines.push(text);
          const found = lines.find((each) => each.includes(has));
          if (found !== undefined) resolve(found);
        });
        void over.then(({ out, said }) => reject(new Error(`ended: ${out}${said}`)));
      });
    await line(begun);
    const { port } = JSON.parse(lines.find((text) => text.includes('"listening"')) ?? '{}') as {
      readonly port: number;
    };
    const ready = await fetch(`http://127.0.0.1:${port}/readyz`);
    expect({ status: ready.status, text: await ready.text() }).toMatchObject({ status: 200 });
    expect(standing(child)).toEqual({ uid: 65532, gid: 65532, pid: 1, root: 'read-only' });
    stopImage(child);
    const { code, said } = await over;
    expect({ code, said }).toEqual({ code: 0, said: '' });
  },
);

/** How the program stands, as the kernel says. */
function standing({ pid }: ChildProcess): object {
  const inner = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
  const status = readFileSync(`/proc/${inner}/status`, 'utf8');
  const field = (name: string): number =>
    Number(new RegExp(`^${name}:.*?(\\d+)$`, 'm').exec(status)?.[1] ?? Number.NaN);
  const mounts = readFileSync(`/proc/${inner}/mounts`, 'utf8').split('\n');
  const root = mounts.find((mount) => mount.split(' ')[1] === '/')?.split(' ')[3] ?? '';
  return {
    uid: field('Uid'),
    gid: field('Gid'),
    pid: field('NSpid'),
    root: root.split(',').includes('ro') ? 'read-only' : root,
  };
}

const MIB = 2 ** 20;
const group = memoryGroup(512 * MIB);
(group === undefined ? test.skip : test)('the heap may take three quarters of the memory limit', () => {
  using limited = group!;
  const flags = image.entrypoint.filter((word) => word.startsWith('--')).join(' ');
  const ask = `${limited.join}; exec ${process.execPath} ${flags} -p 'v8.getHeapStatistics().heap_size_limit'`;
  const { stdout, stderr } = spawnSync('sh', ['-ec', ask], { encoding: 'utf8' });
  expect(stderr).toBe('');
  // V8 adds its young generation.
  expect(Number(stdout) / MIB).toBeGreaterThanOrEqual(0.75 * 512);
  expect(Number(stdout) / MIB).toBeLessThan(0.85 * 512);
});
