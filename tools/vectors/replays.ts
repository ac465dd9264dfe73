import { ANNOTATIONS_REPLAY } from './annotations.ts';
import { CONFIG_REPLAY } from './config.ts';
import { GOSTD_REPLAY } from './gostd.ts';
import type { Replay } from './replay.ts';

/** One per kind of file. The first that knows a file's head replays it. */
export const REPLAYS: readonly Replay[] = [GOSTD_REPLAY, CONFIG_REPLAY, ANNOTATIONS_REPLAY];
