import { writeFileSync } from 'node:fs';
import { join } from 'node:path/posix';
import { expect } from '@jest/globals';
import { stringify } from 'yaml';
import { eventually } from './api.ts';
import { api, LAB } from './lab.ts';
import { KINDS } from './kinds.ts';

const NAME = 'prometheus';

/** A real Prometheus in a namespace, which can be taken away and brought back with all it knew. */
export class Prometheus {
  readonly #namespace: string;

  private constructor(namespace: string) {
    this.#namespace = namespace;
  }

  /** Starts one that scrapes itself, and these targets (`host:port`) each second. */
  static async start(namespace: string, targets: readonly string[] = []): Promise<Prometheus> {
    const labels = { app: NAME };
    const file = join(LAB.run, `prometheus-${namespace}.yml`);
    const scraped = ['localhost:9090', ...targets];
    writeFileSync(
      file,
      stringify({
        global: { scrape_interval: '1s' },
        scrape_configs: [{ job_name: 'all', static_configs: [{ targets: scraped }] }],
      }),
    );
    const container = {
      name: NAME,
      image: 'local/prometheus:1',
      args: [`--config.file=${file}`, `--storage.tsdb.path=${join(LAB.run, `prometheus-${namespace}`)}`],
      ports: [{ name: 'http', containerPort: 9090 }],
      readinessProbe: { httpGet: { port: 'http', path: '/-/ready' }, periodSeconds: 1 },
    };
    await api.apply(KINDS.deployment, {
      metadata: { namespace, name: NAME },
      spec: {
        strategy: { type: 'Recreate' },
        selector: { matchLabels: labels },
        template: {
          metadata: { labels },
          spec: { terminationGracePeriodSeconds: 2, containers: [container] },
        },
      },
    });
    await api.apply(KINDS.coreService, {
      metadata: { namespace, name: NAME },
      spec: { selector: labels, ports: [{ port: 9090, targetPort: 9090 }] },
    });
    const prometheus = new Prometheus(namespace);
    await prometheus.comeBack();
    return prometheus;
  }

  /** Its address for queries. */
  get address(): string {
    return `http://${NAME}.${this.#namespace}.svc.cluster.local:9090`;
  }

  /** Resolves when its last process has ended: until then it goes on to scrape. */
  async goAway(): Promise<void> {
    await this.#scaled(0);
    await eventually(async () => {
      expect(await api.list(KINDS.pod, this.#namespace, `?labelSelector=app%3D${NAME}`)).toEqual([]);
    });
  }

  async comeBack(): Promise<void> {
    await this.#scaled(1);
  }

  async #scaled(replicas: number): Promise<void> {
    await api.patch(KINDS.deployment, this.#namespace, NAME, { spec: { replicas } });
    await eventually(async () => {
      const { status } = await api.get(KINDS.deployment, this.#namespace, NAME);
      expect([status?.readyReplicas ?? 0, status?.replicas ?? 0]).toEqual([replicas, replicas]);
    });
  }
}
