import { request } from 'node:http';
import { eventually, type Followed } from '../api.ts';
import { addressesIn, KINDS, type Deployment, type Pod } from '../kinds.ts';
import { api } from '../lab.ts';

/** What is seen from outside of a revision that wakes, in order: the same for whoever wakes it. */
export const PHASES = ['scaled', 'pod', 'address', 'answered'] as const;
export type Phase = (typeof PHASES)[number];

/** Milliseconds from the request. */
export type Awakening = Readonly<Record<Phase, number>>;

const REVISION = 'serving.knative.dev/revision';
const revisionOf = ({ metadata }: Deployment | Pod): string => metadata.labels?.[REVISION] ?? '';

/** Wakes revisions of a namespace, one at a time, by a request to their public Service, and sees when what happens. */
export class Alarm implements AsyncDisposable {
  readonly #namespace: string;
  readonly #watches: Followed<Deployment | Pod>[] = [];
  /** Of the revision that is being woken. */
  #reached: ((phase: Phase) => void) | undefined;
  #waking = '';

  private constructor(namespace: string) {
    this.#namespace = namespace;
  }

  static async in(namespace: string): Promise<Alarm> {
    const alarm = new Alarm(namespace);
    alarm.#watches.push(
      await api.followAll(KINDS.deployment, namespace, {
        seen: (deployment) => {
          if ((deployment.spec.replicas ?? 1) > 0) alarm.#see(deployment, 'scaled');
        },
      }),
      await api.followAll(KINDS.pod, namespace, {
        seen: (pod) => {
          if (pod.metadata.deletionTimestamp !== undefined) return;
          alarm.#see(pod, 'pod');
          if (pod.status?.podIP !== undefined) alarm.#see(pod, 'address');
        },
      }),
    );
    return alarm;
  }

  #see(object: Deployment | Pod, phase: Phase): void {
    if (revisionOf(object) === this.#waking) this.#reached?.(phase);
  }

  /** Whether the revision has no pods, and requests go to one of these addresses. */
  async sleeps(revision: string, activators: readonly string[]): Promise<boolean> {
    const [deployment, endpoints, pods] = await Promise.all([
      api.get(KINDS.deployment, this.#namespace, `${revision}-deployment`),
      api.get(KINDS.endpoints, this.#namespace, revision),
      api.list(KINDS.pod, this.#namespace, `?labelSelector=${encodeURIComponent(`${REVISION}=${revision}`)}`),
    ]);
    const behind = addressesIn(endpoints);
    return (
      deployment.spec.replicas === 0 &&
      pods.length === 0 &&
      behind.length > 0 &&
      behind.every((address) => activators.includes(address))
    );
  }

  /** One request over a connection of its own, as a gateway sends it; when it was answered, and what happened before. */
  async wake(revision: string): Promise<Awakening> {
    const { clusterIP } = (await api.get(KINDS.coreService, this.#namespace, revision)).spec;
    const reached = new Map<Phase, number>();
    this.#waking = revision;
    const began = performance.now();
    this.#reached = (phase) => {
      if (!reached.has(phase)) reached.set(phase, performance.now() - began);
    };
    const status = await ask(clusterIP, { namespace: this.#namespace, revision });
    this.#reached('answered');
    if (status !== 200) throw new Error(`${revision} answered ${status}`);
    // A watch may tell a little later what was there before the answer.
    await eventually(() => {
      if (reached.size < PHASES.length) throw new Error(`only ${[...reached.keys()].join(', ')} was seen`);
    }, 10_000);
    this.#reached = undefined;
    return Object.fromEntries(reached) as Awakening;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const watch of this.#watches) await watch[Symbol.asyncDispose]();
  }
}

function ask(host: string, whom: { readonly namespace: string; readonly revision: string }): Promise<number> {
  const headers = {
    'knative-serving-namespace': whom.namespace,
    'knative-serving-revision': whom.revision,
  };
  return new Promise((resolve, reject) => {
    request({ host, path: '/', agent: false, headers }, (answer) => {
      resolve(answer.statusCode ?? 0);
      answer.resume();
    })
      .on('error', reject)
      .end();
  });
}
