import { otherAutoscalerOf, OTHER_AUTOSCALERS } from '../config/other-autoscalers.ts';
import { both } from '../either.ts';
import { apiVersionOf, RESOURCES, type Kind } from '../k8s/resources.ts';
import { rfc3339 } from '../rfc3339.ts';
import { plus, seconds, since, type Instant } from '../time.ts';
import type { DeploymentSeen, Facts, LeaseSeen } from './facts.ts';
import { fail, fine, unseen, warn, type Finding } from './finding.ts';

export const judgeApiServer = ({ host, version }: Facts): readonly Finding[] => [
  version.ok
    ? fine(`${host} answers, Kubernetes ${version.value}.`)
    : fail(`${host} does not say its version: ${version.error}`, 'Look at the kubeconfig and the network.'),
];

/** What must be served, and who brings it. */
const NEEDED: Partial<Readonly<Record<Kind, string>>> = {
  Revision: 'Install Knative Serving.',
  PodAutoscaler: 'Install Knative Serving.',
  ServerlessService: 'Install Knative Serving.',
  HorizontalPodAutoscaler: 'Upgrade Kubernetes: every version from 1.23 on serves it.',
};

export function judgeKinds({ served }: Facts): readonly Finding[] {
  if (!served.ok) return [unseen('What the API server serves', served.error)];
  const needed = Object.entries(NEEDED) as readonly [Kind, string][];
  const missing = needed.filter(([kind]) => !served.value.has(kind));
  const nameOf = (kind: Kind): string => `${kind} (${apiVersionOf(RESOURCES[kind])})`;
  if (missing.length === 0) return [fine(`Served: ${both(needed.map(([kind]) => nameOf(kind)))}.`)];
  return missing.map(([kind, advice]) => fail(`The API server does not serve ${nameOf(kind)}.`, advice));
}

/** The version of Knative Serving; empty: unknown. */
export const knativeVersion = ({ deployments }: Facts): string =>
  (deployments.ok && deployments.value.find(({ name }) => name === 'controller')?.version) || '';

export function judgeKnative(facts: Facts): readonly Finding[] {
  const { deployments, systemNamespace } = facts;
  if (!deployments.ok) return [unseen(`The Deployments of ${systemNamespace}`, deployments.error)];
  const version = knativeVersion(facts);
  return [
    version === ''
      ? warn(
          `No Deployment controller in ${systemNamespace} tells the version of Knative Serving.`,
          'If Knative Serving runs in another namespace, name it with --system-namespace.',
        )
      : fine(`Knative Serving ${version} in ${systemNamespace}.`),
    ...deployments.value.flatMap((each) => judgeOther(each, systemNamespace)),
  ];
}

function judgeOther({ name, replicas }: DeploymentSeen, namespace: string): readonly Finding[] {
  const other = OTHER_AUTOSCALERS.find((each) => each === name);
  if (other === undefined || replicas === 0) return [];
  const advice = scaleDown(namespace, other);
  return other === 'autoscaler-hpa'
    ? [warn('autoscaler-hpa runs, too: whoever holds the lease works, and the other one waits.', advice)]
    : [fail(`${other} runs, too, under a lease of its own: both write the same objects.`, advice)];
}

const scaleDown = (namespace: string, deployment: string): string =>
  `kubectl --namespace ${namespace} scale deployment ${deployment} --replicas 0`;

export function judgeReplicas({ pods, systemNamespace }: Facts): readonly Finding[] {
  if (!pods.ok) return [unseen(`The pods of hpa-bridge in ${systemNamespace}`, pods.error)];
  const ready = pods.value.filter(({ isReady }) => isReady).length;
  const waiting = pods.value.filter(({ isReady }) => !isReady).map(({ name }) => name);
  const look = `kubectl --namespace ${systemNamespace} describe pod ${waiting.join(' ')}`;
  if (pods.value.length === 0)
    return [
      fail(
        `No pod of hpa-bridge runs in ${systemNamespace}.`,
        'Install it, or name its namespace with --system-namespace.',
      ),
    ];
  if (ready === 0) return [fail(`No pod of hpa-bridge is ready: ${both(waiting)}.`, look)];
  if (waiting.length > 0) return [warn(`Of hpa-bridge ${both(waiting)} is not ready.`, look)];
  return ready === 1
    ? [
        warn(
          'One pod of hpa-bridge runs: while it is replaced, nobody scales.',
          `kubectl --namespace ${systemNamespace} scale deployment hpa-bridge --replicas 2`,
        ),
      ]
    : [fine(`${ready} pods of hpa-bridge are ready.`)];
}

/** What clocks of two machines may differ by, and a renewal may be late. */
const SLACK = seconds(30);

export const judgeLeases = (facts: Facts): readonly Finding[] =>
  facts.leases.map(({ name, seen }) => {
    if (!seen.ok) return unseen(`The lease ${name}`, seen.error);
    return seen.value === undefined || seen.value.holder === ''
      ? fail(
          `Nobody holds the lease ${name}: nobody scales.`,
          `Look at the log of hpa-bridge in ${facts.systemNamespace}: it says what it waits for.`,
        )
      : judgeHolder(name, seen.value, facts);
  });

function judgeHolder(name: string, lease: LeaseSeen, { at, pods, systemNamespace }: Facts): Finding {
  const { holder } = lease;
  const silent = silentSince(lease, at);
  if (silent !== undefined)
    return fail(
      `${holder} held the lease ${name} and has not renewed it since ${rfc3339(silent)}.`,
      `Look whether hpa-bridge runs in ${systemNamespace}, and at its log.`,
    );
  const other = otherAutoscalerOf(holder);
  if (other !== undefined)
    return fail(
      `${holder} holds the lease ${name}: ${other} works, and hpa-bridge waits.`,
      scaleDown(systemNamespace, other),
    );
  const isOurs = !pods.ok || pods.value.some((pod) => holder.startsWith(`${pod.name}_`));
  return isOurs
    ? fine(`${holder} holds the lease ${name}.`)
    : warn(
        `${holder} holds the lease ${name}, and is no pod of hpa-bridge in ${systemNamespace}.`,
        'Look who that is: a process outside of the cluster, or an installation in another namespace.',
      );
}

function silentSince({ renewedAt, duration }: LeaseSeen, now: Instant): Instant | undefined {
  if (renewedAt === undefined) return undefined;
  return since(plus(renewedAt, duration), now) > SLACK ? renewedAt : undefined;
}
