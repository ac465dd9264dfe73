import { K, KEDA, one, refused, unread, type Case } from './case.ts';

const TARGET = 'expected a number of at least 0.01, for example 0.5.';
const ABOVE_ZERO = 'expected a finite number above 0, for example 0.5.';
const WINDOW = 'expected a duration from 6s to 1h in whole seconds, for example 90s.';
const TYPES = 'expected AverageValue or Value for a query.';
const FACTS = 'expected {{ .revisionName }}, {{ .namespace }} or {{ .revisionUID }}.';
const METRIC =
  ', and no query can be derived from that: expected the name of a Prometheus metric (letters, digits, _ and :, not beginning with a digit), for example http_requests_total, or a query beside it.';

/** Metric, query, target, bounds, window, metric type. */
export const SIGNAL_CASES: readonly Case[] = [
  // The signal.
  refused(
    'a metric that is no name of one, without a query',
    { query: null, metric: '95th percentile' },
    `metric is "95th percentile"${METRIC}`,
  ),
  refused(
    'an empty metric without a query',
    { query: null, metric: '' },
    'metric is empty: expected cpu, memory, concurrency, rps or the name of a metric in Prometheus, for example http_requests_per_second.',
  ),
  refused(
    'an empty query',
    { query: ' ' },
    'query is empty: expected PromQL that gives one number, for example sum(rate(http_requests_total{pod=~"{{ .revisionName }}-.*"}[1m])).',
  ),
  refused(
    'a template that is not plain substitution',
    { query: 'up{pod=~"{{ if .revisionName }}x{{ end }}"}' },
    `query: the template "{{ if .revisionName }}" at line 1 column 10 is not a plain substitution: ${FACTS}`,
  ),
  refused(
    'a template that does not end',
    { query: 'up\n{{ .revisionName }' },
    `query: the template "{{ .revisionName }" at line 2 column 1 is not closed by }}: ${FACTS}`,
  ),
  refused(
    'a template of what the revision does not have',
    { 'prometheus-query': '{{ .serviceName }}' },
    `prometheus-query: the template "{{ .serviceName }}" at line 1 column 1 asks for serviceName, which this revision does not have: ${FACTS}`,
  ),
  one(
    'ignored',
    [
      'a query beside cpu',
      { metric: 'cpu', target: null },
      'query has no effect, because autoscaling.knative.dev/metric is "cpu": expected another metric, or none, to scale by the query.',
    ],
    { sameAs: { metric: 'cpu' }, spec: { triggers: [{ type: 'cpu' }] } },
  ),

  // The target.
  refused(
    'a missing target',
    { target: null },
    'target is missing: expected what one pod should carry of the queried value, a number above 0, for example 0.5.',
  ),
  refused('a target that is no number', { target: 'zero' }, `target is "zero": ${TARGET}`),
  refused('a target with a comma', { target: '0,5' }, `target is "0,5": ${TARGET}`),
  refused('an empty target', { target: '' }, `target is "": ${TARGET}`),
  refused('a target beyond a double', { target: '1e400' }, `target is "1e400": ${TARGET}`),
  refused('a target of 0', { target: '0' }, `target is "0": ${ABOVE_ZERO}`),
  refused('a negative target', { target: '-3' }, `target is "-3": ${ABOVE_ZERO}`),
  refused('a target of NaN', { target: 'NaN' }, `target is "NaN": ${ABOVE_ZERO}`),
  refused('an infinite target', { target: '+Inf' }, `target is "+Inf": ${ABOVE_ZERO}`),
  refused('a target that is too small', { target: '0.0001' }, `target is "0.0001": ${TARGET}`),
  refused(
    'a huge target',
    { target: '1e300' },
    'target is 1e+300: expected a number from 0.001 to 9007199254740991, for example 0.5.',
  ),
  one(
    'used',
    ['a small target', { target: '0.005' }, `target is "0.005", which is used nevertheless: ${TARGET}`],
    {
      spec: { triggers: [{ metadata: { threshold: '0.005' } }] },
    },
  ),

  // Bounds.
  ...['many', '', '1.5', '2147483648'].flatMap((text) => [
    unread('min-scale', text, 'expected a whole number from 0 to 2147483647, for example 2.'),
    unread('maxScale', text, 'expected a whole number from 0 (unlimited) to 2147483647, for example 10.'),
  ]),
  unread('initial-scale', 'x', 'expected a whole number from 0 to 2147483647, for example 3.'),
  unread('activation-scale', '9999999999', 'expected a whole number from 2 to 2147483647, for example 2.'),
  refused(
    'a minimum above the maximum',
    { minScale: '5', 'max-scale': '3' },
    'minScale is 5, but autoscaling.knative.dev/max-scale is 3: expected at most 3.',
  ),
  refused(
    'a negative maximum',
    { 'max-scale': '-1' },
    'max-scale is "-1": expected a whole number from 0 (unlimited) to 2147483647, for example 10.',
  ),
  one(
    'used',
    [
      'a negative minimum',
      { 'min-scale': '-1' },
      'min-scale is "-1", which is used nevertheless: expected a whole number from 0 to 2147483647, for example 2.',
    ],
    { spec: { minReplicaCount: 1 } },
  ),
  one('ignored', [
    'a first scale of zero',
    { 'initial-scale': '0' },
    'initial-scale is 0, which has no effect, because allow-zero-initial-scale in config-autoscaler does not allow it: expected at least 1; 1 is used.',
  ]),
  one('used', [
    'an activation scale below 2 and the minimum',
    { 'activation-scale': '1', 'min-scale': '2' },
    'activation-scale is "1", which is used nevertheless: expected a whole number from 2 to 2147483647, for example 2.',
  ]),
  one(
    'used',
    [
      'an activation scale above the maximum',
      { 'activation-scale': '7', 'max-scale': '3' },
      'activation-scale is 7, which is used nevertheless: expected at most autoscaling.knative.dev/max-scale, which is 3.',
    ],
    { spec: { maxReplicaCount: 3 } },
  ),

  // The window.
  unread('window', '90', WINDOW),
  unread('window', 'NaN', WINDOW),
  unread('window', '999999999999h', WINDOW),
  refused('a window that no HPA has', { window: '2h' }, `window is "2h": ${WINDOW}`),
  refused('a negative window', { window: '-1s' }, `window is "-1s": ${WINDOW}`),
  one('used', ['a short window', { window: '5s' }, `window is "5s", which is used nevertheless: ${WINDOW}`], {
    spec: {
      advanced: {
        horizontalPodAutoscalerConfig: { behavior: { scaleUp: { stabilizationWindowSeconds: 5 } } },
      },
    },
  }),
  one('used', [
    'a window with a fraction',
    { window: '6500ms' },
    'window is "6500ms", which is used nevertheless: expected whole seconds, for example 90s.',
  ]),

  // Metric types.
  refused('an unknown metric type', { 'metric-type': 'Average' }, `metric-type is "Average": ${TYPES}`),
  refused('an empty metric type', { 'metric-type': '' }, `metric-type is "": ${TYPES}`),
  refused(
    'Utilization for a query',
    { 'metric-type': 'Utilization' },
    `metric-type is "Utilization": ${TYPES}`,
  ),
  refused(
    'Value for cpu',
    { query: null, metric: 'cpu', 'metric-type': 'Value' },
    'metric-type is "Value": expected Utilization or AverageValue for cpu.',
  ),

  // Two mistakes are two sentences.
  {
    is: 'two mistakes',
    base: KEDA,
    wrong: { target: '-1', 'min-scale': 'many' },
    says: [
      ['refused', `${K}target is "-1": ${ABOVE_ZERO}`],
      [
        'ignored',
        `${K}min-scale is "many", which has no effect: expected a whole number from 0 to 2147483647, for example 2.`,
      ],
    ],
  },
];
