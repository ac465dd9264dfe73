import { METRICS } from '../../src/domain/telemetry.ts';
import { code, page, table } from './markdown.ts';

/** docs/metrics.md */
export const metricsPage = (): string =>
  page(
    'Metrics',
    'Served as `/metrics` in the text format of Prometheus. Counters and histograms whose labels are all known beforehand are there from the start, at zero.',
    table(
      ['series', 'type', 'labels', 'what it says'],
      Object.entries(METRICS).map(([name, { type, labels, doc }]) => [
        code(name),
        type,
        (labels as readonly string[]).map(code).join(', '),
        doc,
      ]),
    ),
  );
