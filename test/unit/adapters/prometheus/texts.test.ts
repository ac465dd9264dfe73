import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { readTexts } from '../../../../src/adapters/prometheus/texts.ts';
import type { TextSource } from '../../../../src/domain/config/prometheus-servers.ts';
import { FaultError, faultOf } from '../../../../src/domain/fault.ts';
import type { JsonObject } from '../../../../src/domain/json.ts';
import type { KubeReader } from '../../../../src/ports/kube.ts';

const folder = mkdtempSync(join(tmpdir(), 'hpa-bridge-texts-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const DATA: Readonly<Record<string, JsonObject>> = {
  'Secret system/prom': { token: Buffer.from('s\u00e9cret').toString('base64') },
  'ConfigMap system/ca': { 'ca.crt': 'pem' },
};
const unused = (): never => {
  throw new Error('not asked in these tests');
};
const reader: KubeReader = {
  get: (resource, key) => {
    const data = DATA[`${resource.kind} ${key}`];
    const missing = new FaultError({ code: 'not_found', message: 'The API server does not find it' });
    return data === undefined
      ? Promise.reject(missing)
      : Promise.resolve({ apiVersion: 'v1', kind: resource.kind, metadata: { name: key }, data });
  },
  list: unused,
  watch: unused,
  served: unused,
};
const read = readTexts(reader, 'system');
const keyed = (from: 'secret' | 'configMap', name: string, key: string): TextSource => ({
  from,
  ref: { name, key },
});

test('a Secret is decoded, a ConfigMap and what stands there are taken as they are, a file is read anew', async () => {
  const path = join(folder, 'token');
  writeFileSync(path, 'one');
  const file: TextSource = { from: 'file', path };
  expect(await read(keyed('secret', 'prom', 'token'))).toBe('s\u00e9cret');
  expect(await read(keyed('configMap', 'ca', 'ca.crt'))).toBe('pem');
  expect(await read({ from: 'inline', text: 'pem' })).toBe('pem');
  expect(await read(file)).toBe('one');
  writeFileSync(path, 'two');
  expect(await read(file)).toBe('two');
});

test.each<readonly [TextSource, string]>([
  [
    keyed('secret', 'none', 'token'),
    'The Secret system/none cannot be read: The API server does not find it.',
  ],
  [keyed('secret', 'prom', 'password'), 'The Secret system/prom has no key "password" in its data.'],
  [keyed('configMap', 'ca', '__proto__'), 'The ConfigMap system/ca has no key "__proto__" in its data.'],
  [{ from: 'file', path: '/nonexistent/token' }, 'The file /nonexistent/token cannot be read (ENOENT).'],
])('%j is a fault that names the place', async (source, message) => {
  const fault = await read(source).then(() => undefined, faultOf);
  expect(fault).toEqual({ code: 'prometheus_credentials', message });
});
