import { writeFileSync } from 'node:fs';
import { join } from 'node:path/posix';
import { expect } from '@jest/globals';
import { stringify } from 'yaml';
import { eventually } from './api.ts';
import { api, LAB } from './lab.ts';
import { KINDS } from './kinds.ts';

const configOf = (targets: readonly string[]): string =>
  stringify({
    global: { scrape_interval: '1s' },
    scrape_configs: [{ job_name: 'lab', static_configs: [{ targets: ['localhost:9090', ...targets] }] }],
  });

/** A real Prometheus in this namespace, which scrapes itself and these targets every second; its address for queries. */
export async function prometheus(namespace: string, targets: readonly string[] = []): Promise<string> {
  const name = 'prometheus';
  const labels = { app: name };
  const file = join(LAB.run, `prometheus-${namespace}.yml`);
  writeFileSync(file, configOf(targets));
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
