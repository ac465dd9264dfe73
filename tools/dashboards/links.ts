import type { Link } from './panel.ts';

/** Where docs/runbooks is published. */
export const RUNBOOKS = 'https://hpa-bridge.dev/runbooks';

export const UIDS = {
  fleet: 'hpa-bridge-fleet',
  revision: 'hpa-bridge-revision',
  health: 'hpa-bridge-health',
  activator: 'hpa-bridge-activator',
} as const;

/** From a row of a table with these columns to the dashboard of its revision. */
export const toRevision: Link = {
  title: 'This revision',
  url: `/d/${UIDS.revision}?\${datasource:queryparam}&\${cluster:queryparam}&var-namespace=\${__data.fields.namespace}&var-revision=\${__data.fields.revision}&\${__url_time_range}`,
};

/** From a row of a table of alerts to what to do. */
export const toRunbook: Link = {
  title: 'Its runbook',
  url: `${RUNBOOKS}/\${__data.fields.alertname}`,
};
