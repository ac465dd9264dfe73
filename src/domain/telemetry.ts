import { FAULTS } from './fault.ts';
import { REFUSAL_CODES } from './keda-scaler/refusal.ts';
import { PROMETHEUS_FAULTS } from './prometheus/faults.ts';
import { RECORD_FAULTS } from './record/faults.ts';
import { SCALE_FAULTS } from './scale/faults.ts';
import { SIGNAL_FAULTS } from './signal/faults.ts';
import type { Series } from './series.ts';
import { RUNGS } from './signal/ladder.ts';
import { CANCELS, LIFE_STATES } from './zero/words.ts';
import { ACTIVATOR_METRICS } from './throttle/metrics.ts';

const FAULT_CODES = Object.keys(FAULTS);
/** What a reconcile can end in: it asks neither Prometheus nor pods. */
const RECONCILE_FAULTS = FAULT_CODES.filter(
  (code) =>
    !Object.hasOwn({ ...PROMETHEUS_FAULTS, ...SIGNAL_FAULTS, ...SCALE_FAULTS, ...RECORD_FAULTS }, code),
);

const LATENCY = [0.001, 0.005, 0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30] as const;

const SCRAPE_OUTCOMES = [
  'answered',
  'no-pods',
  'pods-exhausted',
  'not-addressable',
  'seen-before',
  'unanswered',
  'too-few-by-service',
] as const;
const INQUIRY_OUTCOMES = ['quiet', 'in-flight', 'not-in-path', 'unknown'] as const;
const ADMISSION_OUTCOMES = ['allowed', 'changed', 'warned', 'refused', 'failed'] as const;
const STAT_MESSAGES = ['read', 'malformed', 'text', 'broken'] as const;
const STATS = ['taken', 'not-measured', 'empty', 'implausible'] as const;
const TICK_RESULTS = ['stable', 'panic', 'no-data'] as const;
const listed = (words: readonly string[]): string => words.map((word) => `\`${word}\``).join(', ');

/** Every series that we emit, once. `docs/metrics.md` is generated from this table and dashboards are checked against it. */
export const METRICS = {
  hpa_bridge_build_info: {
    type: 'gauge',
    labels: ['version', 'commit'],
    doc: 'Always 1; the labels say which build runs.',
  },
  hpa_bridge_leader: {
    type: 'gauge',
    labels: ['lease'],
    doc: '1 while this process holds the lease, else 0.',
  },
  hpa_bridge_caches_synced: {
    type: 'gauge',
    labels: ['resource'],
    doc: '1 once the first complete list of the resource is in the cache, else 0.',
  },
  hpa_bridge_cache_objects: { type: 'gauge', labels: ['resource'], doc: 'Objects in the cache.' },
  hpa_bridge_watch_restarts_total: {
    type: 'counter',
    labels: ['resource', 'cause'],
    doc: 'Watches that ended and were opened again, by cause (`closed`, or the code of a fault).',
  },
  hpa_bridge_lists_total: {
    type: 'counter',
    labels: ['resource'],
    doc: 'Complete lists read to fill a cache.',
  },
  hpa_bridge_objects_unreadable_total: {
    type: 'counter',
    labels: ['resource'],
    doc: 'Objects that lack a field which we read; of each, the cache keeps the last version that could be read, if there was one.',
  },
  hpa_bridge_api_request_seconds: {
    type: 'histogram',
    labels: ['verb', 'code'],
    buckets: LATENCY,
    doc: 'Requests to the API server (without watches), by verb and status code (`error` when there was no answer).',
  },
  hpa_bridge_workqueue_depth: { type: 'gauge', labels: [], doc: 'Keys that wait for a worker.' },
  hpa_bridge_workqueue_wait_seconds: {
    type: 'histogram',
    labels: [],
    buckets: LATENCY,
    doc: 'Time from the moment a key is due until a worker takes it.',
  },
  hpa_bridge_workqueue_retries_total: {
    type: 'counter',
    labels: [],
    doc: 'Keys that were put back with backoff.',
  },
  hpa_bridge_reconcile_seconds: {
    type: 'histogram',
    labels: ['result'],
    buckets: LATENCY,
    known: { result: ['done', 'requeue', ...RECONCILE_FAULTS] },
    doc: 'Reconciles, by result (`done`, `requeue`, or the code of a fault).',
  },
  hpa_bridge_writes_total: {
    type: 'counter',
    labels: ['kind', 'verb'],
    known: {
      kind: [
        'ScaledObject',
        'HorizontalPodAutoscaler',
        'ServerlessService',
        'Service',
        'Endpoints',
        'PodAutoscaler',
        'Deployment',
      ],
      verb: ['apply', 'create', 'patch', 'delete', 'scale'],
    },
    doc: 'Writes that the API server accepted, by kind and verb (`apply`, `create`, `patch`, `delete`, `scale`).',
  },
  hpa_bridge_faults_total: {
    type: 'counter',
    labels: ['code'],
    known: { code: FAULT_CODES },
    doc: 'Faults, by code (see docs/faults.md).',
  },
  hpa_bridge_events_total: {
    type: 'counter',
    labels: ['outcome'],
    known: { outcome: ['written', 'counted', 'dropped', 'failed'] },
    doc: 'Kubernetes events, by outcome (`written`, `counted` into an earlier one, `dropped` by the rate limit, `failed`).',
  },
  hpa_bridge_config_valid: {
    type: 'gauge',
    labels: ['configmap'],
    doc: '1 while the newest version of the ConfigMap is in force, 0 while it is refused and the last good one stays.',
  },
  hpa_bridge_revisions: {
    type: 'gauge',
    labels: ['signal', 'backend'],
    doc: 'Revisions of our classes that this process leads for, by signal (`query`, `cpu`, `memory`, `triggers`, `concurrency`, `rps`, `invalid`) and backend (`keda`, `hpa`, `none`).',
  },
  hpa_bridge_activators_ready: {
    type: 'gauge',
    labels: [],
    absentUntilSet: true,
    doc: 'Activators of ours that the Endpoints of their Service say are ready. Every replica of the controller says it.',
  },
  hpa_bridge_revision_life: {
    type: 'gauge',
    labels: ['state'],
    doc: `Revisions whose Services hpa-bridge keeps itself, by where they stand (${listed(LIFE_STATES)}; see docs/zero.md).`,
  },
  hpa_bridge_zero_cancelled_total: {
    type: 'counter',
    labels: ['cause'],
    known: { cause: CANCELS },
    doc: 'Revisions that were on their way to zero and were called back, by cause (`demand`: their signal or a request asked for pods; `in-flight`: a request was found when the last pods were to go).',
  },
  hpa_bridge_inquiries_total: {
    type: 'counter',
    labels: ['outcome'],
    known: { outcome: INQUIRY_OUTCOMES },
    doc: `Times that it was found out whether the last pods of a revision may go, by outcome (${listed(INQUIRY_OUTCOMES)}).`,
  },
  hpa_bridge_measured_revisions: {
    type: 'gauge',
    labels: ['rung'],
    doc: `Revisions whose query hpa-bridge asks itself, by what they are scaled by (${listed(RUNGS)}; see docs/prometheus.md). Every replica says it of its own answers.`,
  },
  hpa_bridge_scrapes_total: {
    type: 'counter',
    labels: ['outcome'],
    known: { outcome: SCRAPE_OUTCOMES },
    doc: `Rounds in which the pods of a revision were asked for their requests, by outcome (${listed(SCRAPE_OUTCOMES)}).`,
  },
  hpa_bridge_scrape_seconds: {
    type: 'histogram',
    labels: [],
    buckets: LATENCY,
    doc: 'Time that one round of asking the pods of a revision took.',
  },
  hpa_bridge_scrape_lateness_seconds: {
    type: 'histogram',
    labels: [],
    buckets: LATENCY,
    doc: 'Time from the moment a round was to begin until it did.',
  },
  hpa_bridge_ticks_total: {
    type: 'counter',
    labels: ['result'],
    known: { result: TICK_RESULTS },
    doc: `Times at which a revision was looked at that its pods\u2019 requests count for, by result (${listed(TICK_RESULTS)}): without data nothing is decided.`,
  },
  hpa_bridge_stat_connections: {
    type: 'gauge',
    labels: [],
    doc: 'Connections over which proxies in front of pods push their requests: one for each.',
  },
  hpa_bridge_stat_messages_total: {
    type: 'counter',
    labels: ['outcome'],
    known: { outcome: STAT_MESSAGES },
    doc: `Messages of proxies, by outcome (${listed(STAT_MESSAGES)}): what is malformed, or a text, is dropped; what is broken or too long ends the connection.`,
  },
  hpa_bridge_stats_total: {
    type: 'counter',
    labels: ['outcome'],
    known: { outcome: STATS },
    doc: `Reports about one revision in messages of proxies, by outcome (${listed(STATS)}). Every replica is told everything, and measures what it scales itself.`,
  },
  hpa_bridge_moves_total: {
    type: 'counter',
    labels: ['signal', 'direction'],
    known: { signal: ['query', 'concurrency', 'rps'], direction: ['up', 'down'] },
    doc: 'Times that another number of pods was asked for than there were, by what the revision scales by and direction. Every replica counts what it decided itself.',
  },
  hpa_bridge_prometheus_queries_total: {
    type: 'counter',
    labels: ['server', 'outcome'],
    doc: 'Questions to Prometheus, by name of the server and outcome (`scalar`, `vector`, or the code of a fault without `prometheus_`).',
  },
  hpa_bridge_prometheus_requests_total: {
    type: 'counter',
    labels: ['server', 'outcome'],
    doc: 'Requests to Prometheus, each with one question or more, by name of the server and outcome (`series` where there are more).',
  },
  hpa_bridge_prometheus_request_seconds: {
    type: 'histogram',
    labels: ['server'],
    buckets: LATENCY,
    doc: 'Time from a request to Prometheus until its answer or failure, by name of the server.',
  },
  hpa_bridge_prometheus_questions_per_request: {
    type: 'histogram',
    labels: ['server'],
    buckets: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000],
    doc: 'Questions that one request to Prometheus answers, by name of the server.',
  },
  hpa_bridge_prometheus_lateness_seconds: {
    type: 'histogram',
    labels: ['server'],
    buckets: LATENCY,
    doc: 'Time from the moment a request to Prometheus was to be sent until it was, by name of the server.',
  },
  hpa_bridge_prometheus_circuit_open: {
    type: 'gauge',
    labels: ['server'],
    doc: '1 while a server that fails is left in peace but for a request now and then, else 0, by name of the server.',
  },
  hpa_bridge_external_metrics_request_seconds: {
    type: 'histogram',
    labels: ['code'],
    buckets: LATENCY,
    doc: 'Requests to our external.metrics.k8s.io, by HTTP status code.',
  },
  hpa_bridge_external_metrics_claim: {
    type: 'gauge',
    labels: ['state'],
    doc: 'Who serves external.metrics.k8s.io in this cluster: 1 for the state that holds (`ours`, `foreign`, `unclaimed`), else 0.',
  },
  hpa_bridge_external_metrics_certificate_expiry_seconds: {
    type: 'gauge',
    labels: [],
    absentUntilSet: true,
    doc: 'When the certificate that we serve external.metrics.k8s.io with ends, in seconds since 1970.',
  },
  hpa_bridge_admission_review_seconds: {
    type: 'histogram',
    labels: ['outcome'],
    buckets: LATENCY,
    known: { outcome: ADMISSION_OUTCOMES },
    doc: `Reviews of objects that the API server asked for, by outcome: ${listed(ADMISSION_OUTCOMES)}.`,
  },
  hpa_bridge_webhook_certificate_expiry_seconds: {
    type: 'gauge',
    labels: [],
    absentUntilSet: true,
    doc: 'When the certificate that the webhook is served with ends, in seconds since 1970.',
  },
  hpa_bridge_keda_questions_total: {
    type: 'counter',
    labels: ['method', 'code'],
    known: {
      method: ['IsActive', 'StreamIsActive', 'GetMetricSpec', 'GetMetrics', 'StreamMetricSpec'],
      code: ['OK', ...REFUSAL_CODES],
    },
    doc: 'Questions of KEDA to the external scaler, streams among them, by method and status code of gRPC.',
  },
  hpa_bridge_keda_certificate_expiry_seconds: {
    type: 'gauge',
    labels: [],
    absentUntilSet: true,
    doc: 'When the certificate ends that KEDA is served with, in seconds since 1970; absent without TLS.',
  },
  hpa_bridge_keda_streams: {
    type: 'gauge',
    labels: [],
    doc: 'Streams that KEDA keeps open to hear of changes: two for each ScaledObject.',
  },
  ...ACTIVATOR_METRICS,
  hpa_bridge_event_loop_lag_seconds: {
    type: 'gauge',
    labels: ['quantile'],
    doc: 'Delay of the event loop over the last scrape interval, by quantile (`0.5`, `0.99`, `1`).',
  },
} as const satisfies Record<string, Series>;

export type MetricName = keyof typeof METRICS;
export type Labels<N extends MetricName> = Readonly<Record<(typeof METRICS)[N]['labels'][number], string>>;
