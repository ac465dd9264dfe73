import type { KubeObject } from '../domain/k8s/meta.ts';
import type { Resource } from '../domain/k8s/resources.ts';
import { objectIn, textIn } from './api-server/fields.ts';
import { kindId } from './api-server/kinds/kind.ts';
import type { Stored } from './api-server/storage/stored.ts';
import { playAutoscaler, playScaledObject } from './simulate/autoscalers.ts';
import { Cluster, type Server } from './simulate/cluster.ts';
import { R, REVISION, SERVICE } from './simulate/kinds.ts';
import { playRevision, playService } from './simulate/knative.ts';
import { playDeployment, playPod } from './simulate/pods.ts';
import { playServerlessService } from './simulate/services.ts';

export interface SimulationOptions {
  /** Wall time in milliseconds. */
  readonly now?: () => number;
  /** Hears of an object that the simulation could not play, in one sentence. */
  readonly complain?: (sentence: string) => void;
}

type Play = (cluster: Cluster, object: KubeObject) => void;

/** Who plays what: the controllers of Knative, Kubernetes and KEDA that a cluster has beside ours. */
const PLAYS: readonly (readonly [keyof typeof R, Play])[] = [
  ['KnativeService', playService],
  ['Revision', playRevision],
  ['Deployment', playDeployment],
  ['Pod', playPod],
  ['ServerlessService', playServerlessService],
  ['ScaledObject', playScaledObject],
  ['HorizontalPodAutoscaler', playAutoscaler],
];

/** The namespace in which Knative keeps its configuration and its leases. */
const SYSTEM = 'knative-serving';

/**
 * Plays the rest of a cluster on an API server in memory: any Knative Service gets Revisions, PodAutoscalers, Deployments and ready pods,
 * ServerlessServices their Services, HPAs and ScaledObjects their status. Answers each write in a later turn. Returns a function that ends it.
 */
export function simulate(server: Server, options: SimulationOptions = {}): () => void {
  const cluster = new Cluster(server, 'playground', options.now ?? Date.now);
  const work = new Map<string, () => void>();
  let turn: NodeJS.Immediate | undefined;

  const run = (): void => {
    turn = undefined;
    const due = [...work.values()];
    work.clear();
    for (const play of due) play();
  };
  const later = (name: string, play: () => void): void => {
    work.set(name, play);
    turn ??= setImmediate(run);
  };
  const see = (stored: Stored): void => {
    for (const subject of subjectsOf(cluster, stored))
      later(subject.name, () => playOne(cluster, subject, options));
  };

  cluster.ensure(R.Namespace, { metadata: { name: SYSTEM } });
  const end = server.store.subscribe(({ after, removed }) => {
    const stored = after ?? removed;
    if (stored !== undefined) see(stored);
  });
  for (const kind of server.kinds.all()) for (const stored of server.store.now(kind).items) see(stored);
  return () => {
    end();
    clearImmediate(turn);
  };
}

interface Subject {
  readonly name: string;
  readonly resource: Resource;
  readonly play: Play;
  readonly namespace: string;
  readonly object: string;
}

/** The objects to play again after a change: the object itself, and what bears the name or a label of its revision or service. */
function subjectsOf(cluster: Cluster, stored: Stored): readonly Subject[] {
  const { namespace, object, kind } = stored;
  const labels = objectIn(object.metadata, 'labels');
  const service = textIn(labels, SERVICE);
  const revision = textIn(labels, REVISION) || object.metadata.name;
  const namesOf = (resource: Resource): readonly string[] => {
    if (resource === R.KnativeService) return [service];
    const near =
      resource === R.Revision
        ? cluster.labelled(resource, namespace, SERVICE, service)
        : cluster.labelled(resource, namespace, REVISION, revision);
    return [revision, ...near.map(({ metadata }) => metadata.name)];
  };
  return PLAYS.flatMap(([kindName, play]) => {
    const resource = R[kindName];
    const itself = kindId(kind) === kindId(resource) ? [object.metadata.name] : [];
    return [...new Set([...itself, ...namesOf(resource)])].map((name) => ({
      name: `${kindId(resource)}/${namespace}/${name}`,
      resource,
      play,
      namespace,
      object: name,
    }));
  });
}

function playOne(
  cluster: Cluster,
  { resource, play, namespace, object }: Subject,
  options: SimulationOptions,
): void {
  const current = cluster.find(resource, namespace, object);
  if (current === undefined || (current.metadata['deletionTimestamp'] !== undefined && play !== playPod))
    return;
  try {
    play(cluster, current);
  } catch (thrown) {
    options.complain?.(
      `${resource.kind} ${namespace}/${object}: ${thrown instanceof Error ? thrown.message : String(thrown)}`,
    );
  }
}
