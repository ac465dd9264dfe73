import { HPA_DIFFERENCES } from './hpa-differences.ts';
import { KEDA_PROMETHEUS_DIFFERENCES } from './keda-prometheus-differences.ts';
import { RECONCILE_DIFFERENCES } from './reconcile-differences.ts';
import type { IntendedDifference } from './replay.ts';
import { SCALED_OBJECT_DIFFERENCES } from './scaled-object-differences.ts';

/** Every difference that we want, from the replays that meet them. Names are unique: a report counts by name. */
export const INTENDED_DIFFERENCES: readonly IntendedDifference[] = [
  ...SCALED_OBJECT_DIFFERENCES,
  ...HPA_DIFFERENCES,
  ...RECONCILE_DIFFERENCES,
  ...KEDA_PROMETHEUS_DIFFERENCES,
];
