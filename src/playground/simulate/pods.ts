import { randomBytes } from 'node:crypto';
import type { KubeObject } from '../../domain/k8s/meta.ts';
import { numberIn, objectIn, textIn } from '../api-server/fields.ts';
import { controlledBy, labelsOf, type Cluster } from './cluster.ts';
import { R, REVISION } from './kinds.ts';

let addresses = 0;
/** An address of the pod network that is not given twice. */
const nextAddress = (): string => {
  const n = ++addresses;
  return `10.${64 + ((n >> 16) & 63)}.${(n >> 8) & 255}.${n & 255}`;
};

const isLeaving = ({ metadata }: KubeObject): boolean => metadata['deletionTimestamp'] !== undefined;

/** Ends a pod that was told to: nothing runs in it that would need its time. */
export function playPod(cluster: Cluster, pod: KubeObject): void {
  if (isLeaving(pod)) cluster.remove(R.Pod, pod);
}

/** Keeps as many ready pods as a Deployment is told to have, and says so in its status. */
export function playDeployment(cluster: Cluster, deployment: KubeObject): void {
  const { namespace = '', name } = deployment.metadata;
  const revision = textIn(labelsOf(deployment), REVISION);
  const wanted = numberIn(objectIn(deployment, 'spec'), 'replicas') ?? 1;
  const pods = cluster.labelled(R.Pod, namespace, REVISION, revision);
  for (const pod of pods.slice(wanted)) cluster.remove(R.Pod, pod);
  for (let i = pods.length; i < wanted; i++) startPod(cluster, deployment);
  const replicas = Math.max(wanted, 0);
  const status = {
    observedGeneration: numberIn(deployment.metadata, 'generation') ?? 1,
    replicas,
    readyReplicas: replicas,
    availableReplicas: replicas,
    updatedReplicas: replicas,
    conditions: cluster.conditions(deployment, [
      { type: 'Available', status: 'True', reason: 'MinimumReplicasAvailable' },
    ]),
  };
  const current = cluster.find(R.Deployment, namespace, name);
  if (current !== undefined) cluster.merge(R.Deployment, current, { status }, 'status');
}

function startPod(cluster: Cluster, deployment: KubeObject): void {
  const { namespace = '', name } = deployment.metadata;
  const template = objectIn(objectIn(deployment, 'spec'), 'template');
  const pod = cluster.ensure(R.Pod, {
    metadata: {
      name: `${name}-${randomBytes(5).toString('hex')}`,
      namespace,
      labels: objectIn(objectIn(template, 'metadata'), 'labels'),
      ownerReferences: [controlledBy(deployment)],
    },
    spec: { ...objectIn(template, 'spec'), nodeName: 'playground' },
  });
  if (pod === undefined) return;
  const conditions = cluster.conditions(pod, [
    { type: 'PodScheduled', status: 'True' },
    { type: 'Initialized', status: 'True' },
    { type: 'ContainersReady', status: 'True' },
    { type: 'Ready', status: 'True' },
  ]);
  cluster.merge(R.Pod, pod, { status: { phase: 'Running', podIP: nextAddress(), conditions } }, 'status');
}
