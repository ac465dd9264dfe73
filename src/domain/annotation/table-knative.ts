import { count, decimal, duration, knative, serving, word } from './columns.ts';
import { HOUR, nanos } from '../go/duration.ts';
import { lasting, LONGEST_WINDOW, SHORTEST_WINDOW, wholeSeconds, within } from './limits.ts';

const MOST = 2147483647;

/** What Knative Serving defines. Ranges are those of its admission webhook (serving: pkg/apis/autoscaling/annotation_validation.go). */
export const KNATIVE_ANNOTATIONS = {
  class: knative(['class'], word, {
    fallback: '`pod-autoscaler-class` of config-autoscaler',
    example: 'hpa.autoscaling.knative.dev',
    doc: 'Which autoscaler scales the revision. A revision is ours if this names one of the classes that hpa-bridge was given.',
    readBy: ['all'],
  }),
  metric: knative(['metric'], word, {
    fallback: '`signal-without-metric` of config-hpa-bridge, or `cpu` if there is a target',
    example: 'http_requests_per_second',
    doc: '`cpu`, `memory`, `concurrency`, `rps`, or the name of a metric that Prometheus knows.',
    readBy: ['all'],
  }),
  target: knative(['target'], decimal, {
    expects: 'a number of at least 0.01',
    limits: [
      {
        effect: 'refused',
        holds: (value) => Number.isFinite(value) && value > 0,
        expects: 'a finite number above 0',
      },
      { effect: 'used', holds: (value) => value >= 0.01 },
    ],
    fallback: '70 for `cpu`, else none',
    example: '0.5',
    doc: 'What one pod should carry: percent of the request for `cpu`, MiB for `memory`, else units of the metric. Fractions are kept exactly.',
    readBy: ['all'],
  }),
  minScale: knative(['min-scale', 'minScale'], count, {
    expects: `a whole number from 0 to ${MOST}`,
    limits: [within(0, MOST, 'used')],
    fallback: '`min-scale` of config-autoscaler',
    example: '2',
    doc: 'Fewest pods while the revision is reachable.',
    readBy: ['all'],
  }),
  maxScale: knative(['max-scale', 'maxScale'], count, {
    expects: `a whole number from 0 (unlimited) to ${MOST}`,
    limits: [within(0, MOST, 'refused')],
    fallback: '`max-scale` of config-autoscaler',
    example: '10',
    doc: 'Most pods; 0 is unlimited.',
    readBy: ['all'],
  }),
  initialScale: knative(['initial-scale', 'initialScale'], count, {
    expects: `a whole number from 0 to ${MOST}`,
    limits: [within(0, MOST, 'used')],
    fallback: '`initial-scale` of config-autoscaler',
    example: '3',
    doc: 'Pods that a new revision must have reached once before it counts as started. 0 only if `allow-zero-initial-scale` is on.',
    readBy: ['all'],
  }),
  activationScale: knative(['activation-scale'], count, {
    expects: `a whole number from 2 to ${MOST}`,
    limits: [within(2, MOST, 'used')],
    fallback: 'none',
    example: '2',
    doc: 'Pods to start with when the revision wakes from zero.',
    readBy: ['all'],
  }),
  window: knative(['window'], duration, {
    expects: 'a duration from 6s to 1h in whole seconds',
    limits: [lasting(SHORTEST_WINDOW, LONGEST_WINDOW), wholeSeconds],
    fallback: '`stable-window` of config-autoscaler, but none as stabilisation window',
    example: '90s',
    doc: 'Averaging window of concurrency and rps; stabilisation window of the HPA, up and down. Nobody may have needed a pod for so long before the last one goes. After an outage, Prometheus must have answered for so long before anything scales down.',
    readBy: ['all'],
  }),
  scaleDownDelay: knative(['scale-down-delay', 'scaleDownDelay'], duration, {
    expects: 'a duration from 0s to 1h in whole seconds',
    limits: [lasting(nanos(0n), HOUR), wholeSeconds],
    fallback: '`scale-down-delay` of config-autoscaler',
    example: '5m',
    doc: 'How long a lower number must last before it is followed.',
    readBy: ['concurrency/rps'],
  }),
  scaleToZeroPodRetentionPeriod: knative(
    ['scale-to-zero-pod-retention-period', 'scaleToZeroPodRetentionPeriod'],
    duration,
    {
      expects: 'a duration from 0s to 1h',
      limits: [lasting(nanos(0n), HOUR)],
      fallback: '`scale-to-zero-pod-retention-period` of config-autoscaler',
      example: '1m30s',
      doc: 'How long the last pod stays after the decision for zero.',
      readBy: ['all'],
    },
  ),
  targetUtilizationPercentage: knative(
    ['target-utilization-percentage', 'targetUtilizationPercentage'],
    decimal,
    {
      expects: 'a number from 1 to 100',
      limits: [within(1, 100, 'used')],
      fallback: '`container-concurrency-target-percentage` of config-autoscaler',
      example: '80',
      doc: 'Percent of the target that a pod should carry on average.',
      readBy: ['concurrency/rps'],
    },
  ),
  targetBurstCapacity: knative(['target-burst-capacity', 'targetBurstCapacity'], decimal, {
    expects: 'a number of at least 0, or -1 (unlimited)',
    limits: [{ effect: 'used', holds: (value) => !(value < 0 && value !== -1) }],
    fallback: '`target-burst-capacity` of config-autoscaler',
    example: '200',
    doc: 'Requests beyond the pods\u2019 capacity that must be absorbed without queueing at the pods; -1 keeps the activator in the path.',
    readBy: ['concurrency/rps'],
  }),
  panicWindowPercentage: knative(['panic-window-percentage', 'panicWindowPercentage'], decimal, {
    expects: 'a number from 1 to 100',
    limits: [within(1, 100, 'used')],
    fallback: '`panic-window-percentage` of config-autoscaler',
    example: '10',
    doc: 'Length of the panic window in percent of `window`.',
    readBy: ['concurrency/rps'],
  }),
  panicThresholdPercentage: knative(['panic-threshold-percentage', 'panicThresholdPercentage'], decimal, {
    expects: 'a number from 110 to 1000',
    limits: [within(110, 1000, 'used')],
    fallback: '`panic-threshold-percentage` of config-autoscaler',
    example: '200',
    doc: 'Load within the panic window, in percent of what the ready pods can carry, that starts the panic mode.',
    readBy: ['concurrency/rps'],
  }),
  metricAggregationAlgorithm: knative(['metric-aggregation-algorithm', 'metricAggregationAlgorithm'], word, {
    expects: 'linear or weighted-exponential',
    limits: [
      {
        effect: 'used',
        holds: (value) => ['', 'linear', 'weighted-exponential', 'weightedExponential'].includes(value),
      },
    ],
    fallback: '`linear`',
    example: 'weighted-exponential',
    doc: 'How samples within the window are averaged.',
    readBy: ['concurrency/rps'],
  }),
  progressDeadline: serving(['progress-deadline', 'progressDeadline'], duration, {
    expects: 'a duration of at least 0s in whole seconds',
    limits: [{ effect: 'used', holds: (value) => value >= 0n }, wholeSeconds],
    fallback: '`progress-deadline` of config-deployment',
    example: '10m',
    doc: 'How long the Deployment may take to start its first pods.',
    readBy: ['all'],
  }),
} as const;
