import { LIMITS } from '../record/limit.ts';
import { RUNGS } from '../signal/ladder.ts';
import type { Series } from '../series.ts';

const REVISION = ['namespace', 'revision'] as const;
const listed = (words: readonly string[]): string => words.map((word) => `\`${word}\``).join(', ');

/**
 * The series of each revision, once. They are read from what is known when somebody asks for them, by the leader alone, and so vanish with
 * the revision; nothing is kept for them but the counter.
 */
export const REVISION_METRICS = {
  hpa_bridge_revision_info: {
    type: 'gauge',
    labels: [...REVISION, 'service', 'signal', 'backend'],
    doc: 'Always 1; the labels say of which Knative Service the revision is, what it scales by and who moves its replicas (as in `hpa_bridge_revisions`).',
  },
  hpa_bridge_revision_replicas: {
    type: 'gauge',
    labels: REVISION,
    doc: 'Replicas that the Deployment is told to have.',
  },
  hpa_bridge_revision_ready_pods: {
    type: 'gauge',
    labels: REVISION,
    doc: 'Pods that are Running, Ready and not on their way out.',
  },
  hpa_bridge_revision_desired_replicas: {
    type: 'gauge',
    labels: REVISION,
    doc: 'Replicas that whoever scales wants after all limits, as the status of the PodAutoscaler tells it.',
  },
  hpa_bridge_revision_unlimited_replicas: {
    type: 'gauge',
    labels: REVISION,
    doc: 'Replicas that the measured number alone asks for, before any limit. Absent where hpa-bridge does not measure, or has no number.',
  },
  hpa_bridge_revision_min_replicas: {
    type: 'gauge',
    labels: REVISION,
    doc: 'The `min-scale` in force.',
  },
  hpa_bridge_revision_max_replicas: {
    type: 'gauge',
    labels: REVISION,
    doc: 'The `max-scale` in force; absent where there is none.',
  },
  hpa_bridge_revision_value: {
    type: 'gauge',
    labels: REVISION,
    doc: 'The measured number: of a query its result, fresh or last good; of concurrency and rps the average over the stable window, of all pods together.',
  },
  hpa_bridge_revision_target: {
    type: 'gauge',
    labels: [...REVISION, 'per'],
    doc: 'What the value is compared with: what one `pod` should carry, or the `revision` as a whole.',
  },
  hpa_bridge_revision_evidence_timestamp_seconds: {
    type: 'gauge',
    labels: REVISION,
    doc: 'When the evidence of the newest decision was taken, in seconds since 1970.',
  },
  hpa_bridge_revision_rung: {
    type: 'gauge',
    labels: [...REVISION, 'rung'],
    doc: `1 for how good the evidence is that the revision is scaled by (${listed(RUNGS)}; see docs/prometheus.md); the others are absent.`,
  },
  hpa_bridge_revision_fault: {
    type: 'gauge',
    labels: [...REVISION, 'fault'],
    doc: '1 for why there is no fresh number (a code of docs/faults.md); absent where there is one.',
  },
  hpa_bridge_revision_limit: {
    type: 'gauge',
    labels: [...REVISION, 'limit'],
    doc: `1 for each limit that changed the number of replicas in the newest decision (${listed(Object.keys(LIMITS))}; see docs/decision-record.md).`,
  },
  hpa_bridge_revision_moves_total: {
    type: 'counter',
    labels: [...REVISION, 'direction'],
    doc: 'Times that another number of pods was asked for than there were, by direction (`up`, `down`), since this process first planned the revision. Absent where hpa-bridge does not measure.',
  },
} as const satisfies Readonly<Record<string, Series>>;

/** What each activator tells of the revisions that it has requests for, or has started from zero. */
export const HELD_REVISION_METRICS = {
  hpa_bridge_activator_revision_in_flight: {
    type: 'gauge',
    labels: REVISION,
    doc: 'Requests for the revision that the activator holds or forwards now; absent where there are none.',
  },
  hpa_bridge_activator_revision_waiting: {
    type: 'gauge',
    labels: REVISION,
    doc: 'Those of them that wait for a pod.',
  },
  hpa_bridge_activator_revision_cold_starts_total: {
    type: 'counter',
    labels: REVISION,
    doc: 'Times that the first request found no pod and one took it in the end.',
  },
  hpa_bridge_activator_revision_cold_start_seconds_total: {
    type: 'counter',
    labels: REVISION,
    doc: 'How long these starts took in all, from the first request until a pod took requests.',
  },
} as const satisfies Readonly<Record<string, Series>>;

export type HeldRevisionMetric = keyof typeof HELD_REVISION_METRICS;
export type RevisionMetric = keyof typeof REVISION_METRICS;

/** The labels of a series beside those that name the revision. */
export type OwnLabels<N extends RevisionMetric> = Readonly<
  Record<Exclude<(typeof REVISION_METRICS)[N]['labels'][number], (typeof REVISION)[number]>, string>
>;
