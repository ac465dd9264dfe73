import { HELD_REVISION_METRICS, REVISION_METRICS } from '../../src/domain/revision-metrics/table.ts';
import type { Series } from '../../src/domain/series.ts';
import { METRICS } from '../../src/domain/telemetry.ts';
import { code, page, table } from './markdown.ts';

const rowsOf = (series: Readonly<Record<string, Series>>): string =>
  table(
    ['series', 'type', 'labels', 'what it says'],
    Object.entries(series).map(([name, { type, labels, doc }]) => [
      code(name),
      type,
      labels.map(code).join(', '),
      doc,
    ]),
  );

/** docs/metrics.md */
export const metricsPage = (): string =>
  page(
    'Metrics',
    'Served as `/metrics` in the text format of Prometheus. Dashboards and alerts that are made of them: [monitoring](monitoring.md).',
    '## Of the process',
    'Counters and histograms whose labels are all known beforehand are there from the start, at zero.',
    rowsOf(METRICS),
    '## Of each revision',
    'Told by the leader alone, of every revision of our classes, from what is known at that moment: they vanish with the revision. `revision-metrics: "off"` in config-hpa-bridge leaves them out ([why so](decisions/0150-series-of-each-revision.md)). When another replica takes over, they change their `instance`: `max by (namespace, revision)` joins what the two told.',
    rowsOf(REVISION_METRICS),
    '## Of each revision, by activators',
    'Told by each activator of the revisions that it has requests for now, and of those that it has started from zero since it runs: add them up. `revision-metrics: "off"` leaves these out, too.',
    rowsOf(HELD_REVISION_METRICS),
  );
