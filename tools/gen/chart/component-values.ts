import { z } from 'zod';
import { BOOT, type BootSetting } from '../../../src/domain/config/boot.ts';
import { SETTINGS_OF } from '../../../src/domain/config/boot-commands.ts';
import type { Component } from './manifests.ts';
import { group, settingValue, value, type Group, type Json, type Value } from './value.ts';

/** Any object, and any list of them, as Kubernetes knows them: the API server is the judge of what is in them. */
export const object = z.looseObject({});
export const objects = z.array(object);
/** Labels, annotations, selectors. */
export const strings = z.record(z.string(), z.string());
const evicted = z.union([z.int().min(0), z.string().regex(/^\d{1,3}%$/)]);

/** Settings that the chart decides, because other objects have to agree with them. */
const WIRED: readonly BootSetting[] = [
  ...(['httpPort', 'externalMetricsService', 'externalMetricsSecret'] as const),
  ...(['webhookService', 'webhookSecret'] as const),
  ...(['proxyHttpPort', 'proxyH2cPort', 'proxyTlsPort'] as const),
];
/** Settings with a place that people know from other charts. */
const ELECTION = ['leaseDuration', 'renewDeadline', 'retryPeriod'] as const satisfies readonly BootSetting[];
const LOGGING = ['logLevel', 'logFormat'] as const satisfies readonly BootSetting[];

/** The other settings that have a variable of ours and that the manifest does not set. */
export function settingsOf({ name, deployment }: Component): readonly BootSetting[] {
  const set = deployment.spec.template.spec.containers[0].env.map(({ name }) => name);
  const elsewhere: readonly BootSetting[] = [...WIRED, ...ELECTION, ...LOGGING];
  return SETTINGS_OF[name].filter((setting) => {
    const { env = '' }: { readonly env?: string } = BOOT[setting];
    return env.startsWith('HPA_BRIDGE_') && !set.includes(env) && !elsewhere.includes(setting);
  });
}

const settings = (names: readonly BootSetting[]): Record<string, Value> =>
  Object.fromEntries(names.map((name) => [name, settingValue(name)]));

/** What can be said about the pods of one Deployment of `config`. Where nothing is said, its manifest holds. */
export function componentValues(component: Component): Group {
  const { name, deployment, minAvailable } = component;
  const pod = deployment.spec.template.spec;
  const [container] = pod.containers;
  // Read from YAML, so that it is plain data.
  const shipped = (data: unknown): Json => data as Json;
  return group(`The ${name}: its Deployment and its pods.`, {
    ...(name === 'activator' && {
      enabled: value(z.boolean(), true, 'Whether it is installed. Without it no revision goes to zero.'),
      autoscaling: group('A HorizontalPodAutoscaler that sets the number of its pods.', {
        enabled: value(z.boolean(), false, 'Whether there is one.'),
        minReplicas: value(z.int().min(1), deployment.spec.replicas, 'Fewest pods.'),
        maxReplicas: value(z.int().min(1), 10, 'Most pods.'),
        targetCPUUtilizationPercentage: value(z.int().min(1), 80, 'Of the requested cpu.'),
      }),
    }),
    replicaCount: value(z.int().min(0), deployment.spec.replicas, 'How many pods there are.'),
    podDisruptionBudget: group(
      'How many pods an eviction has to leave, or may take; one of the two. There is no budget for a single pod.',
      {
        minAvailable: value(evicted, minAvailable, 'A number or a percentage.'),
        maxUnavailable: value(evicted, undefined, 'A number or a percentage, with `minAvailable: null`.'),
      },
    ),
    resources: value(
      object,
      shipped(container.resources),
      'Requests and limits of the container. The heap takes three quarters of the memory limit.',
    ),
    logging: group('What it logs.', {
      level: settingValue('logLevel'),
      format: settingValue('logFormat'),
    }),
    ...(name === 'controller' && {
      leaderElection: group('How fast another pod takes over.', settings(ELECTION)),
    }),
    settings: group('Other settings that need a restart (docs/config.md).', settings(settingsOf(component))),
    topologySpreadConstraints: value(objects, shipped(pod.topologySpreadConstraints), 'How pods are spread.'),
    affinity: value(object, {}, 'Affinity of the pods.'),
    nodeSelector: value(strings, {}, 'Labels of the nodes that pods may be on.'),
    tolerations: value(objects, [], 'Taints of nodes that pods bear.'),
    priorityClassName: value(z.string(), '', 'PriorityClass of the pods.'),
    useHostNetwork: value(
      z.boolean(),
      false,
      'Whether pods use the network of their node: for clusters whose API server does not reach pods.',
    ),
    dnsPolicy: value(z.string(), '', 'DNS policy of the pods.'),
    upgradeStrategy: value(object, {}, 'Strategy of the Deployment.'),
    revisionHistoryLimit: value(z.int().min(0), undefined, 'ReplicaSets that are kept.'),
    podLabels: value(strings, {}, 'Labels of the pods, beside those that select them.'),
    podAnnotations: value(strings, {}, 'Annotations of the pods.'),
    podSecurityContext: value(object, shipped(pod.securityContext), 'Security context of the pods.'),
    securityContext: value(object, shipped(container.securityContext), 'Security context of the container.'),
    extraArgs: value(z.array(z.string()), [], 'Flags beside the command.'),
    env: value(objects, [], 'Variables of the container.'),
    envFrom: value(objects, [], 'Sources of variables of the container.'),
    volumes: group('Files for the container.', {
      extraVolumes: value(objects, [], 'Volumes of the pod.'),
      extraVolumeMounts: value(objects, [], 'Where they are.'),
    }),
  });
}
