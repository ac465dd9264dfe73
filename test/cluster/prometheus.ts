import { writeFileSync } from 'node:fs';
import { join } from 'node:path/posix';
import { expect } from '@jest/globals';
import { eventually } from './api.ts';
import { api, LAB } from './lab.ts';
import { KINDS } from './kinds.ts';

const CONFIG = `
global: { scrape_interval: 5s }
scrape_configs: [{ job_name: self, static_configs: [{ targets: ['localhost:9090'] }] }]
`;

/** A real Prometheus in this namespace; its address for queries. */
export async function prometheus(namespace: string): Promise<string> {
  const name = 'prometheus';
  const labels = { app: name };
  const file = join(LAB.run, 'prometheus.yml');
  writeFileSync(file, CONFIG);
  const container = {
    name,
    image: 'local/prometheus:1',
    args: [`--config.file=${file}`, `--storage.tsdb.path=${join(LAB.run, `prometheus-${namespace}`)}`],
    ports: [{ name: 'http', containerPort: 9090 }],
    readinessProbe: { httpGet: { port: 'http', path: '/-/ready' } },
  };
  await api.apply(KINDS.deployment, {
    metadata: { namespace, name },
    spec: {
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: { terminationGracePeriodSeconds: 2, containers: [container] },
      },
    },
  });
  await api.apply(KINDS.coreService, {
    metadata: { namespace, name },
    spec: { selector: labels, ports: [{ port: 9090, targetPort: 9090 }] },
  });
  await eventually(async () => {
    const { status } = await api.get(KINDS.deployment, namespace, name);
    expect(status?.readyReplicas).toBe(1);
  });
  return `http://${name}.${namespace}.svc.cluster.local:9090`;
}
