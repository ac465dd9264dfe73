import { ACTIVATOR } from './activator.ts';
import type { Dashboard } from './dashboard.ts';
import { FLEET } from './fleet.ts';
import { HEALTH } from './health.ts';
import { REVISION } from './revision.ts';

/** Every dashboard, by the name of its file in `dashboards/`. */
export const DASHBOARDS: Readonly<Record<string, Dashboard>> = {
  fleet: FLEET,
  revision: REVISION,
  'bridge-health': HEALTH,
  activator: ACTIVATOR,
};
