import type { MetricName } from '../../src/domain/telemetry.ts';
import type { HeldRevisionMetric, RevisionMetric } from '../../src/domain/revision-metrics/table.ts';
import type { Query } from './panel.ts';

const CLUSTER = 'cluster=~"$cluster"';
const WINDOW = '[$__rate_interval]';

/** A series of the process in the chosen clusters; a misspelt one does not compile. */
export const series = (name: MetricName, matchers = ''): string =>
  `${name}{${[CLUSTER, matchers].filter((part) => part !== '').join(', ')}}`;

/** What a histogram is stored as. */
const part = (name: MetricName, suffix: '_bucket' | '_count' | '_sum', matchers = ''): string =>
  series(name, matchers).replace(name, name + suffix);

/** How often something was observed in a histogram. */
export const observed = (name: MetricName, matchers: string): string => part(name, '_count', matchers);

const rateOf = (selector: string, by: readonly string[]): string =>
  `sum by (${by.join(', ')}) (rate(${selector}${WINDOW}))`;

/** Increase of a counter in a second, added up by these labels. */
export const rate = (name: MetricName, ...by: readonly string[]): string => rateOf(series(name), by);

/** Observations of a histogram in a second, added up by these labels. */
export const rateCount = (name: MetricName, ...by: readonly string[]): string =>
  rateOf(part(name, '_count'), by);

/** What is observed on average. */
export const average = (name: MetricName, ...by: readonly string[]): string =>
  `${rateOf(part(name, '_sum'), by)} / ${rateCount(name, ...by)}`;

/** A quantile of a histogram, by these labels. */
export const quantile = (q: number, name: MetricName, ...by: readonly string[]): string =>
  `histogram_quantile(${q}, ${rateOf(part(name, '_bucket'), ['le', ...by])})`;

/** A quantile of a part of a histogram. */
export const quantileWhere = (q: number, name: MetricName, matchers: string): string =>
  `histogram_quantile(${q}, ${rateOf(part(name, '_bucket', matchers), ['le'])})`;

/** The middle and the 99th percentile of a histogram, as two lines. */
export const spread = (name: MetricName): readonly Query[] => [
  { expr: quantile(0.5, name), legend: 'half of them' },
  { expr: quantile(0.99, name), legend: '99 %' },
];

/** A series of revisions in what is chosen, whoever tells it: one for each revision and each of these labels. */
export const each = (
  scope: string,
  name: RevisionMetric,
  { matchers = '', by = [] }: { readonly matchers?: string; readonly by?: readonly string[] } = {},
): string =>
  `max by (${['namespace', 'revision', ...by].join(', ')}) (${name}{${[CLUSTER, scope, matchers].filter((part) => part !== '').join(', ')}})`;

/** A series that each activator tells of its own part of a revision, added up for each revision. */
export const total = (scope: string, name: HeldRevisionMetric): string =>
  `sum by (namespace, revision) (${name}{${CLUSTER}, ${scope}})`;

/** How many series there are; 0 where there are none. */
export const count = (expr: string): string => `count(${expr}) or vector(0)`;
