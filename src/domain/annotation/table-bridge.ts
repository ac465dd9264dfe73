import { HOUR, MINUTE, nanos, SECOND } from '../go/duration.ts';
import { EMPTY_RESULTS, FALLBACKS } from '../signal/policy.ts';
import { bridge, countFrom, durationFrom, KEDA_TRIGGERS, numberFrom, oneOf, serverName } from './columns.ts';

/** How often a query may be asked, for annotations and config-hpa-bridge alike. */
export const pollingInterval = durationFrom(SECOND, HOUR);
/** How often pods are asked while nobody needs to know. */
const standbyScrape = durationFrom(SECOND, MINUTE);
/** How long a number may count after it came. */
export const staleAfter = durationFrom(nanos(0n), nanos(24n * HOUR));

/** What is ours. */
export const BRIDGE_ANNOTATIONS = {
  backend: bridge(['backend'], oneOf('auto', 'keda', 'hpa'), {
    fallback: '`backend` of config-hpa-bridge',
    example: 'hpa',
    doc: 'Who moves the replicas from 1 to N: KEDA, the Kubernetes HPA, or KEDA if it is installed (`auto`).',
    readBy: ['query', 'cpu/memory'],
  }),
  services: bridge(['services'], oneOf('bridge', 'knative'), {
    fallback: 'whoever keeps them now; of a new revision that may go to zero hpa-bridge',
    example: 'knative',
    doc: 'Who keeps the Services and Endpoints of the revision, and takes them over from the other: hpa-bridge (`bridge`), which is what it takes to go to zero, or a ServerlessService of Knative (`knative`). See docs/zero.md.',
    readBy: ['all'],
  }),
  kedaTrigger: bridge(['keda-trigger'], oneOf(...KEDA_TRIGGERS), {
    fallback: '`keda-trigger` of config-hpa-bridge',
    example: 'bridge',
    doc: 'Where KEDA scales by a query: whom it asks for the value, Prometheus itself or hpa-bridge (see docs/keda.md).',
    readBy: ['query'],
  }),
  prometheusServer: bridge(['prometheus'], serverName, {
    fallback:
      '`prometheus-address`, else the server named `default` in `prometheus-servers` of config-hpa-bridge',
    example: 'main',
    doc: 'The Prometheus that hpa-bridge asks, by its name in `prometheus-servers` of config-hpa-bridge. KEDA asks the one at `prometheus-address`.',
    readBy: ['query'],
  }),
  pollingInterval: bridge(['polling-interval'], pollingInterval, {
    fallback: '`polling-interval` of config-hpa-bridge; KEDA\u2019s own where KEDA asks Prometheus',
    example: '30s',
    doc: 'How often the query is asked. Where KEDA asks, its HPA is then answered from what it asked last.',
    readBy: ['query'],
  }),
  activationThreshold: bridge(['activation-threshold'], numberFrom(0), {
    fallback: '0',
    example: '5',
    doc: 'The value above which the revision is active: above it a revision without pods is woken, and only at or below it the last pod may go (see docs/zero.md).',
    readBy: ['query'],
  }),
  emptyResult: bridge(['empty-result'], oneOf(...EMPTY_RESULTS), {
    fallback: '`empty-result` of config-hpa-bridge',
    example: 'zero',
    doc: 'What a query says that gives no series: that there is no value (`error`), or 0 (`zero`).',
    readBy: ['query'],
  }),
  staleAfter: bridge(['stale-after'], staleAfter, {
    fallback: '`stale-after` of config-hpa-bridge',
    example: '2m',
    doc: 'How long the last number counts after the query has ceased to give one. Only where hpa-bridge asks.',
    readBy: ['query'],
  }),
  fallback: bridge(['fallback'], oneOf(...FALLBACKS), {
    fallback: '`fallback` of config-hpa-bridge',
    example: 'hold',
    doc: 'What counts after that: the replicas that there are and at least `fallback-replicas` (`auto`), the concurrency measured at the pods, else as `hold` (`concurrency`), the replicas that there are (`hold`), exactly `fallback-replicas` (`replicas`), or an error for the autoscaler (`off`).',
    readBy: ['query'],
  }),
  fallbackReplicas: bridge(['fallback-replicas'], countFrom(1), {
    fallback: 'none',
    example: '5',
    doc: 'The replicas to raise the revision to while the query gives no number; with the fallback `replicas` exactly so many.',
    readBy: ['query'],
  }),
  standbyScrape: bridge(['standby-scrape'], standbyScrape, {
    fallback: '5s',
    example: '10s',
    doc: 'How often the pods are asked for their requests while the query gives a number, so that the concurrency is known when it is to count instead. Where the fallback does not allow it, they are not asked.',
    readBy: ['query'],
  }),
} as const;
