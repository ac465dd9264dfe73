import type { z } from 'zod';
import { ms, seconds } from '../time.ts';
import { ACTIVATOR_BOOT } from './boot-activator.ts';
import { classes, dnsLabel, duration, filePath, ipAddress, podName, whole, word } from './boot-value.ts';
import { optional, required } from './boot-row.ts';
import { SERVERS } from './boot-servers.ts';
import { MOST_BUCKETS } from './lease-name.ts';

/** Every setting that needs a restart, once. What may change while running is in ConfigMaps (see live.ts). */
export const BOOT = {
  kubeconfig: optional({
    flag: '--kubeconfig',
    placeholder: 'path',
    otherwise: 'as kubectl finds it: KUBECONFIG, ~/.kube/config, or the ServiceAccount of the pod',
    doc: 'kubeconfig file of the cluster',
    schema: filePath,
  }),
  systemNamespace: required({
    env: 'SYSTEM_NAMESPACE',
    flag: '--system-namespace',
    placeholder: 'name',
    default: 'knative-serving',
    doc: 'namespace of the ConfigMaps and of the lease',
    schema: dnsLabel,
  }),
  classes: required({
    env: 'HPA_BRIDGE_CLASSES',
    flag: '--classes',
    placeholder: 'list',
    default: 'hpa.autoscaling.knative.dev',
    doc: 'autoscaler classes to serve, separated by commas',
    schema: classes,
  }),
  bindAddress: required({
    env: 'HPA_BRIDGE_BIND_ADDRESS',
    flag: '--bind-address',
    placeholder: 'ip',
    default: '::',
    doc: 'address that /healthz, /readyz and /metrics listen on (:: is every address, IPv4 too)',
    schema: ipAddress,
  }),
  httpPort: required({
    env: 'HPA_BRIDGE_HTTP_PORT',
    flag: '--http-port',
    placeholder: 'port',
    default: '8080',
    doc: 'port of /healthz, /readyz and /metrics (0 takes any free one)',
    schema: whole(0, 65_535),
  }),
  ...SERVERS,
  logLevel: required({
    env: 'HPA_BRIDGE_LOG_LEVEL',
    flag: '--log-level',
    placeholder: 'level',
    default: 'info',
    doc: 'debug, info, warn, error or off',
    schema: word(['debug', 'info', 'warn', 'error', 'off']),
  }),
  logFormat: required({
    env: 'HPA_BRIDGE_LOG_FORMAT',
    flag: '--log-format',
    placeholder: 'format',
    default: 'json',
    doc: 'json (one object a line) or text (for people)',
    schema: word(['json', 'text']),
  }),
  workers: required({
    env: 'HPA_BRIDGE_WORKERS',
    flag: '--workers',
    placeholder: 'count',
    default: '8',
    doc: 'PodAutoscalers that are reconciled at the same time',
    schema: whole(1, 256),
  }),
  resync: required({
    env: 'HPA_BRIDGE_RESYNC',
    flag: '--resync',
    placeholder: 'duration',
    default: '30m',
    doc: 'every PodAutoscaler is planned anew at least this often, spread over the time',
    schema: duration(seconds(10), seconds(86_400)),
  }),
  kubeQps: required({
    env: 'HPA_BRIDGE_KUBE_QPS',
    flag: '--kube-qps',
    placeholder: 'count',
    default: '50',
    doc: 'requests a second to the API server that are allowed on average',
    schema: whole(1, 10_000),
  }),
  kubeBurst: required({
    env: 'HPA_BRIDGE_KUBE_BURST',
    flag: '--kube-burst',
    placeholder: 'count',
    default: '100',
    doc: 'requests to the API server that are allowed at once; not below --kube-qps',
    schema: whole(1, 100_000),
  }),
  leaseDuration: required({
    env: 'HPA_BRIDGE_LEASE_DURATION',
    flag: '--lease-duration',
    placeholder: 'duration',
    default: '15s',
    doc: 'how long others wait for a silent leader before they take over; whole seconds',
    schema: duration(seconds(1), seconds(3600)),
  }),
  renewDeadline: required({
    env: 'HPA_BRIDGE_RENEW_DEADLINE',
    flag: '--renew-deadline',
    placeholder: 'duration',
    default: '10s',
    doc: 'a leader that could not renew for this long stops writing; shorter than --lease-duration',
    schema: duration(ms(100), seconds(3600)),
  }),
  retryPeriod: required({
    env: 'HPA_BRIDGE_RETRY_PERIOD',
    flag: '--retry-period',
    placeholder: 'duration',
    default: '2s',
    doc: 'time between two tries to get or renew the lease; shorter than --renew-deadline',
    schema: duration(ms(50), seconds(3600)),
  }),
  leaderBuckets: required({
    env: 'HPA_BRIDGE_LEADER_BUCKETS',
    flag: '--leader-buckets',
    placeholder: 'count',
    default: '1',
    doc: 'parts into which the revisions are divided, each with a lease and a leader of its own; the same for all replicas',
    schema: whole(1, MOST_BUCKETS),
  }),
  podName: optional({
    env: 'POD_NAME',
    otherwise: 'the host name',
    doc: 'name of the pod; begins the identity that the lease shows as its holder',
    schema: podName,
  }),
  ...ACTIVATOR_BOOT,
} as const;

/** What each setting is read as. */
export type Settings = {
  readonly [K in keyof typeof BOOT]:
    z.output<(typeof BOOT)[K]['schema']> | ((typeof BOOT)[K]['optional'] extends true ? undefined : never);
};

/** The settings of one process, frozen from its start to its end. */
export interface Boot extends Settings {
  /** The leases that leaders hold, one for each bucket; follow from `classes`. */
  readonly leaseNames: readonly string[];
  /** Leases under which nobody may lead beside us. */
  readonly otherLeaseNames: readonly string[];
  /** `<pod>_<unique>`, as Knative writes holders. */
  readonly identity: string;
}

export type BootSetting = keyof typeof BOOT;
