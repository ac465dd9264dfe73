import { expect } from '@jest/globals';
import { ask, type Answer, type Sent } from '../../contracts/activator/client.ts';
import { eventually } from '../api.ts';
import { addressesIn, KINDS, type CoreService } from '../kinds.ts';
import { api } from '../lab.ts';
import type { Target } from '../soak/clients.ts';

/** A revision that has gone to zero, and how a gateway reaches it: by the address of its Service, with headers that name it. */
export class Sleeper implements Target {
  readonly namespace: string;
  readonly revision: string;
  readonly clusterIP: string;
  /** Of its Service: Knative has one for HTTP/1.1, another for HTTP/2. */
  readonly port: number;

  private constructor(namespace: string, revision: string, { spec }: CoreService) {
    this.namespace = namespace;
    this.revision = revision;
    this.clusterIP = spec.clusterIP;
    this.port = spec.ports[0]!.port;
  }

  /** Once it has no pods, and activators are behind its Service. */
  static async of(namespace: string, revision: string, activators: readonly string[]): Promise<Sleeper> {
    const service = await api.get(KINDS.coreService, namespace, revision);
    const sleeper = new Sleeper(namespace, revision, service);
    await eventually(async () => {
      expect(await sleeper.replicas()).toBe(0);
      expect(await sleeper.behind()).toEqual(activators);
    });
    return sleeper;
  }

  get headers(): Readonly<Record<string, string>> {
    return { 'knative-serving-namespace': this.namespace, 'knative-serving-revision': this.revision };
  }

  get deployment(): string {
    return `${this.revision}-deployment`;
  }

  /** One request over HTTP/1.1. */
  ask(sent: Omit<Partial<Sent>, 'host' | 'port'>): Promise<Answer> {
    return ask({ host: this.clusterIP, port: this.port, path: '/', headers: this.headers, ...sent });
  }

  async replicas(): Promise<number | undefined> {
    return (await api.get(KINDS.deployment, this.namespace, this.deployment)).spec.replicas;
  }

  /** The addresses behind its Service, in order. */
  async behind(): Promise<readonly string[]> {
    return addressesIn(await api.get(KINDS.endpoints, this.namespace, this.revision));
  }

  /** Waits until its pods are behind its Service, and nobody else. */
  served(): Promise<void> {
    return eventually(async () => {
      const pods = await this.#pods();
      expect(pods).not.toEqual([]);
      expect(await this.behind()).toEqual(pods);
    });
  }

  async #pods(): Promise<readonly string[]> {
    const selector = `?labelSelector=serving.knative.dev%2Frevision%3D${this.revision}`;
    const pods = await api.list(KINDS.pod, this.namespace, selector);
    return pods.flatMap(({ status }) => (status?.podIP === undefined ? [] : [status.podIP])).sort();
  }
}
