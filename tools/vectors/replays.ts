import { ANNOTATIONS_REPLAY } from './annotations.ts';
import { CONFIG_REPLAY } from './config.ts';
import { GOSTD_REPLAY } from './gostd.ts';
import { HPA_REPLAY } from './hpa.ts';
import { RECONCILE_REPLAY } from './reconcile.ts';
import { KEDA_PROMETHEUS_REPLAY } from './keda-prometheus.ts';
import type { Replay } from './replay.ts';
import { SCALED_OBJECT_REPLAY } from './scaled-object.ts';
import { KPA_REPLAYS } from './kpa/replays.ts';

/** One per kind of file. The first that knows a file's head replays it. */
export const REPLAYS: readonly Replay[] = [
  GOSTD_REPLAY,
  CONFIG_REPLAY,
  ANNOTATIONS_REPLAY,
  SCALED_OBJECT_REPLAY,
  HPA_REPLAY,
  RECONCILE_REPLAY,
  KEDA_PROMETHEUS_REPLAY,
  ...KPA_REPLAYS,
];
