import { DASHBOARDS } from '../dashboards/all.ts';
import { dashboardJson } from '../dashboards/dashboard.ts';
import { annotationsPage } from './annotations.ts';
import { commandsPage } from './commands.ts';
import { configPage } from './config.ts';
import { withExample } from './configmap.ts';
import { decisionRecordPage } from './decision-record.ts';
import { faultsPage } from './faults.ts';
import { chartOutputs } from './chart/outputs.ts';
import { metricsPage } from './metrics.ts';
import type { Output } from './output.ts';

const TABLES: readonly Output[] = [
  { path: 'docs/annotations.md', content: annotationsPage },
  { path: 'docs/commands.md', content: commandsPage },
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

/** Every file that is made from the tables, or from another file. */
export const OUTPUTS: readonly Output[] = [...TABLES, ...chartOutputs(TABLES)];
