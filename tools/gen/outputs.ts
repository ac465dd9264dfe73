import { DASHBOARDS } from '../dashboards/all.ts';
import { dashboardJson } from '../dashboards/dashboard.ts';
import { annotationsPage } from './annotations.ts';
import { configPage } from './config.ts';
import { withExample } from './configmap.ts';
import { decisionRecordPage } from './decision-record.ts';
import { faultsPage } from './faults.ts';
import { metricsPage } from './metrics.ts';

/** A file that is made from the tables. */
export interface Output {
  /** Relative to the repository. */
  readonly path: string;
  /** What the file must say, given what it says now; undefined: there is no such file. */
  readonly content: (current: string | undefined) => string;
}

export const OUTPUTS: readonly Output[] = [
  { path: 'docs/annotations.md', content: annotationsPage },
  { path: 'docs/config.md', content: configPage },
  { path: 'docs/decision-record.md', content: decisionRecordPage },
  { path: 'docs/faults.md', content: faultsPage },
  { path: 'docs/metrics.md', content: metricsPage },
  ...Object.entries(DASHBOARDS).map(([name, dashboard]) => ({
    path: `dashboards/${name}.json`,
    content: () => `${JSON.stringify(dashboardJson(dashboard), null, 2)}\n`,
  })),
  {
    path: 'config/config-hpa-bridge.yaml',
    content: (current) => {
      if (current === undefined) throw new Error('the file is missing, and only its example is generated');
      return withExample(current);
    },
  },
];
