import type { Replay } from '../replay.ts';
import { ACTIVE_CONDITION_REPLAY } from './active-condition.ts';
import { COLLECTOR_REPLAY } from './collector.ts';
import { DECIDER_REPLAY } from './decider.ts';
import { KPA_E2E_REPLAY } from './e2e.ts';
import { MULTISCALER_REPLAY } from './multiscaler.ts';
import { KPA_RECONCILE_REPLAY } from './reconcile.ts';
import { SAMPLING_REPLAY } from './sampling.ts';
import { SCALE_TO_ZERO_REPLAY } from './scale-to-zero.ts';
import { STATS_REPLAY } from './stats.ts';
import { TARGET_REPLAY } from './target.ts';
import { WINDOWS_REPLAY } from './windows.ts';

/** What is recorded of the Knative Pod Autoscaler. */
export const KPA_REPLAYS: readonly Replay[] = [
  WINDOWS_REPLAY,
  TARGET_REPLAY,
  DECIDER_REPLAY,
  STATS_REPLAY,
  SAMPLING_REPLAY,
  COLLECTOR_REPLAY,
  MULTISCALER_REPLAY,
  SCALE_TO_ZERO_REPLAY,
  ACTIVE_CONDITION_REPLAY,
  KPA_RECONCILE_REPLAY,
  KPA_E2E_REPLAY,
];
