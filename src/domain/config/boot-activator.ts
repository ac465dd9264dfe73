import { optional, required } from './boot-row.ts';
import { duration, ipAddress, podName, whole } from './boot-value.ts';
import { ms, seconds } from '../time.ts';

/** Settings of the activator alone. */
export const ACTIVATOR_BOOT = {
  podIp: optional({
    env: 'POD_IP',
    otherwise: 'the activator takes itself for the only one',
    doc: 'address of the pod, by which the activator knows itself among the Endpoints of a revision',
    schema: ipAddress,
  }),
  clusterDomain: optional({
    env: 'CLUSTER_DOMAIN',
    flag: '--cluster-domain',
    placeholder: 'domain',
    otherwise: 'as /etc/resolv.conf has it, or cluster.local',
    doc: 'domain of the names of Services, by which requests without headers of an ingress say what they are for',
    schema: podName,
  }),
  proxyHttpPort: required({
    env: 'HPA_BRIDGE_PROXY_HTTP_PORT',
    flag: '--proxy-http-port',
    placeholder: 'port',
    default: '8012',
    doc: 'port of requests for revisions that speak HTTP/1.1; both ports take HTTP/1.1 and HTTP/2 (0 takes any free one)',
    schema: whole(0, 65_535),
  }),
  proxyH2cPort: required({
    env: 'HPA_BRIDGE_PROXY_H2C_PORT',
    flag: '--proxy-h2c-port',
    placeholder: 'port',
    default: '8013',
    doc: 'port of requests for revisions that speak HTTP/2 (0 takes any free one)',
    schema: whole(0, 65_535),
  }),
  proxyTlsPort: required({
    env: 'HPA_BRIDGE_PROXY_TLS_PORT',
    flag: '--proxy-tls-port',
    placeholder: 'port',
    default: '8112',
    doc: 'port of requests over TLS, with the certificate of the Secret routing-serving-certs (0 takes any free one)',
    schema: whole(0, 65_535),
  }),
  lameDuck: required({
    env: 'HPA_BRIDGE_LAME_DUCK',
    flag: '--lame-duck',
    placeholder: 'duration',
    default: '45s',
    doc: 'how long requests are still taken after the word to stop, because whoever sends them hears of it late',
    schema: duration(ms(0), seconds(300)),
  }),
  drainTimeout: required({
    env: 'HPA_BRIDGE_DRAIN_TIMEOUT',
    flag: '--drain-timeout',
    placeholder: 'duration',
    default: '550s',
    doc: 'how long after that requests may still run; both together less than the terminationGracePeriodSeconds of the pod',
    schema: duration(ms(0), seconds(3600)),
  }),
  coldStartObjective: required({
    env: 'HPA_BRIDGE_COLD_START_OBJECTIVE',
    flag: '--cold-start-objective',
    placeholder: 'duration',
    default: '10s',
    doc: 'what a start from zero should take at most until a pod takes requests; nothing but an alert and a dashboard follow from it',
    schema: duration(ms(1), seconds(600)),
  }),
  maxWaiting: required({
    env: 'HPA_BRIDGE_MAX_WAITING',
    flag: '--max-waiting',
    placeholder: 'count',
    default: '10000',
    doc: 'requests that may wait for one revision; the next one is refused with 503',
    schema: whole(1, 1_000_000),
  }),
  maxWaitingBytes: required({
    env: 'HPA_BRIDGE_MAX_WAITING_BYTES',
    flag: '--max-waiting-bytes',
    placeholder: 'bytes',
    default: '67108864',
    doc: 'memory that the requests which wait for one revision may hold',
    schema: whole(1, 999_999_999),
  }),
} as const;
