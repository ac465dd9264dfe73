import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path/posix';
import { expect, test } from '@jest/globals';
import { selfSigned } from '../doubles/certificate.ts';
import { eventually } from './api.ts';
import { applyAll, Bridge } from './bridge.ts';
import { configured } from './cluster-config.ts';
import { template, yamlOf } from './helm.ts';
import { KINDS } from './kinds.ts';
import { api, kubectl, LAB, namespace, SYSTEM } from './lab.ts';
import { served } from './serving.ts';

/** Of the lab. */
const HOST = '10.244.0.1';
const PORT = 19_443;

/** A real Prometheus that wants a certificate of whoever asks. */
function startPrometheus(
  file: (name: string, text: string) => string,
  client: string,
): AsyncDisposable & { readonly ca: string } {
  const own = selfSigned('prometheus', ['localhost'], 24, HOST);
  const tls = {
    cert_file: file('server.crt', own.cert),
    key_file: file('server.key', own.key),
    client_auth_type: 'RequireAndVerifyClientCert',
    client_ca_file: file('client.crt', client),
  };
  const flags = [
    `--config.file=${file('prometheus.yml', '{}')}`,
    `--web.config.file=${file('web.yml', JSON.stringify({ tls_server_config: tls }))}`,
    `--web.listen-address=${HOST}:${PORT}`,
    `--storage.tsdb.path=${join(LAB.run, 'guarded-data')}`,
  ];
  const process = spawn(join(LAB.bin, 'prometheus'), flags, { stdio: 'ignore' });
  const ended = new Promise<void>((resolve) => process.once('exit', () => resolve()));
  return {
    ca: own.cert,
    [Symbol.asyncDispose]: async () => {
      process.kill();
      await ended;
    },
  };
}

test('a server that wants a certificate is asked with the Secret and the ConfigMap that the values name, and the right that comes with them', async () => {
  await using space = await namespace('guarded');
  const client = selfSigned('hpa-bridge');
  const file = (name: string, text: string): string => {
    const path = join(LAB.run, `guarded-${name}`);
    writeFileSync(path, text, { mode: 0o600 });
    return path;
  };
  await using prometheus = startPrometheus(file, client.cert);
  const servers = [
    {
      name: 'guarded',
      address: `https://${HOST}:${PORT}`,
      tls: { ca: { configMap: 'guarded-ca' }, clientCertificate: { secret: 'guarded-client' } },
    },
  ];
  const all = await template({ prometheus: { servers } });
  const rights = all.filter(({ metadata }) => metadata.name === 'hpa-bridge-prometheus');
  expect(rights.map(({ kind }) => kind).sort()).toEqual(['Role', 'RoleBinding']);
  await applyAll(rights);
  await api.apply(KINDS.configMap, {
    metadata: { namespace: SYSTEM, name: 'guarded-ca' },
    data: { 'ca.crt': prometheus.ca },
  });
  await api.apply(KINDS.secret, {
    metadata: { namespace: SYSTEM, name: 'guarded-client' },
    stringData: { 'tls.crt': client.cert, 'tls.key': client.key },
  });
  try {
    const data = all.find(({ metadata }) => metadata.name === 'config-hpa-bridge')?.data;
    await configured(
      'config-hpa-bridge',
      { 'prometheus-servers': data?.['prometheus-servers'] ?? '' },
      async () => {
        await using bridge = await Bridge.started('guarded');
        await bridge.leading();
        await served(space.name, 'asked', {
          query: 'vector(4)',
          target: '2',
          'hpa-bridge.dev/prometheus': 'guarded',
          'hpa-bridge.dev/keda-trigger': 'bridge',
          'hpa-bridge.dev/polling-interval': '1s',
        });
        await eventually(async () => {
          const answers = await bridge.metric('hpa_bridge_prometheus_queries_total', {
            server: 'guarded',
            outcome: 'vector',
          });
          expect(answers).toBeGreaterThan(0);
        });
      },
    );
  } finally {
    await kubectl(['delete', '--ignore-not-found', '-f', '-'], yamlOf(rights));
    await kubectl([
      'delete',
      '--ignore-not-found',
      `--namespace=${SYSTEM}`,
      'configmap/guarded-ca',
      'secret/guarded-client',
    ]);
  }
});
