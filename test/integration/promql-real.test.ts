import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { checkQuery } from '../../src/domain/promql/check.ts';
import { BAD, GOOD, GOOD_SINCE_3, NO_VECTOR } from '../builders/promql-corpus.ts';

const version = /version (\d+)\./.exec(spawnSync('prometheus', ['--version'], { encoding: 'utf8' }).stdout);
/** Without a Prometheus on PATH there is nothing to compare with. */
const suite = version === null ? describe.skip : describe;
const isThree = Number(version?.[1]) >= 3;

suite('what we say of a query and what a real Prometheus says', () => {
  let prometheus: ChildProcess;
  let address = '';
  let folder = '';

  const ask = async (query: string): Promise<{ status: number; type: string }> => {
    const response = await fetch(`${address}/api/v1/query`, {
      method: 'POST',
      body: new URLSearchParams({ query }),
    });
    const body = (await response.json()) as { data?: { resultType?: string } };
    return { status: response.status, type: body.data?.resultType ?? '' };
  };

  const isReady = async (): Promise<boolean> => {
    try {
      return (await fetch(`${address}/-/ready`)).ok;
    } catch {
      return false;
    }
  };

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'hpa-bridge-promql-'));
    writeFileSync(join(folder, 'prometheus.yml'), 'global: {}\n');
    const port = await freePort();
    address = `http://127.0.0.1:${port}`;
    prometheus = spawn(
      'prometheus',
      [
        `--config.file=${join(folder, 'prometheus.yml')}`,
        `--storage.tsdb.path=${join(folder, 'data')}`,
        `--web.listen-address=127.0.0.1:${port}`,
        '--enable-feature=promql-at-modifier,promql-negative-offset',
      ],
      { stdio: 'ignore' },
    );
    while (prometheus.exitCode === null && !(await isReady()))
      await new Promise((resolve) => setTimeout(resolve, 100));
  }, 60_000);

  afterAll(async () => {
    prometheus.kill('SIGKILL');
    if (prometheus.exitCode === null && prometheus.signalCode === null) await once(prometheus, 'exit');
    rmSync(folder, { recursive: true, force: true });
  }, 30_000);

  test.each([...GOOD, ...(isThree ? GOOD_SINCE_3 : [])])('%j is taken by both', async (query) => {
    expect(await ask(query)).toEqual({ status: 200, type: 'vector' });
  });

  test.each([...GOOD, ...(isThree ? GOOD_SINCE_3 : [])])(
    '%j is taken with the namespace in each selector',
    async (query) => {
      const bound = checkQuery(query, {
        namespace: 'team',
        tenancy: 'enforce',
        scalar: false,
        words: undefined,
      });
      if (!bound.ok) throw new Error(bound.error.wrong);
      expect(await ask(bound.value.query)).toEqual({ status: 200, type: 'vector' });
    },
  );

  test.each(BAD)('%j is refused by both', async (query) => {
    expect((await ask(query)).status).toBe(400);
  });

  test.each(NO_VECTOR)('%j gives no vector', async (query) => {
    const { status, type } = await ask(query);
    expect({ status, vector: type === 'vector' }).toEqual({ status: 200, vector: false });
  });
});

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
