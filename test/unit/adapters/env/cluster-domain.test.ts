import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { clusterDomain } from '../../../../src/adapters/env/cluster-domain.ts';

const folder = mkdtempSync(join(tmpdir(), 'resolver-'));
afterAll(() => rmSync(folder, { recursive: true }));

test.each([
  [
    'as a pod has it',
    'nameserver 10.96.0.10\nsearch team.svc.example.org svc.example.org example.org\n',
    'example.org',
  ],
  ['with a full stop at its end', 'search\tsvc.cluster.test.', 'cluster.test'],
  ['outside of a cluster', 'search example.org\nnameserver 1.1.1.1\n', 'cluster.local'],
])('the domain of a resolver %s', (_what, text, domain) => {
  const file = join(folder, 'resolv.conf');
  writeFileSync(file, text);
  expect(clusterDomain(file)).toBe(domain);
});

test('without a resolver: the usual one', () => {
  expect(clusterDomain(join(folder, 'nothing'))).toBe('cluster.local');
});
