import type { Settings } from '../../src/domain/annotation/settings.ts';
import { readSettings } from '../../src/domain/annotation/parse.ts';
import { AUTOSCALER_DEFAULTS } from '../../src/domain/config/autoscaler.ts';
import { DEPLOYMENT_DEFAULTS } from '../../src/domain/config/deployment.ts';
import { deciderSpec, type DeciderSpec } from '../../src/domain/scale/spec.ts';
import type { Scaled } from '../../src/domain/scale/scaled.ts';

/** No annotations. */
export const NO_SETTINGS = readSettings({}).settings;

/** Annotations, already read. */
export const settingsOf = (changed: Partial<Settings>): Settings => ({ ...NO_SETTINGS, ...changed });

/** What a reachable revision without annotations is scaled by, with these changes. */
export const specOf = (changed: Partial<DeciderSpec> = {}): DeciderSpec => ({
  ...deciderSpec({
    settings: NO_SETTINGS,
    config: AUTOSCALER_DEFAULTS,
    metric: 'concurrency',
    containerConcurrency: 0,
    reachability: 'Reachable',
  }),
  ...changed,
});

/** A revision that has started and is active since 1970, with these changes. */
export const scaledOf = (changed: Partial<Scaled> = {}): Scaled => ({
  settings: NO_SETTINGS,
  config: AUTOSCALER_DEFAULTS,
  progressDeadline: DEPLOYMENT_DEFAULTS.progressDeadline,
  reachability: 'Reachable',
  active: undefined,
  initialized: true,
  proxy: { wanted: false, since: undefined },
  ...changed,
});
