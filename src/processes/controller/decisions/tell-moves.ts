import type { Key } from '../../../domain/key.ts';
import type { PodAutoscaler } from '../../../domain/k8s/read/pod-autoscaler.ts';
import { podsAskedFor } from '../../../domain/plan/events.ts';
import { directionOf } from '../../../domain/record/record.ts';
import { sentenceOf } from '../../../domain/record/sentence.ts';
import type { Recorder } from '../../../ports/recorder.ts';
import type { Telemetry } from '../../../ports/telemetry.ts';
import type { Cache } from '../observe.ts';
import type { OnRun } from './book.ts';

export interface TellParts {
  readonly podAutoscalers: Cache<PodAutoscaler>;
  /** Whether events are wanted. */
  readonly isSaid: () => boolean;
  readonly recorder: Recorder;
  readonly telemetry: Telemetry;
  readonly onMove: (key: Key, direction: 'up' | 'down') => void;
}

/** Counts each run that asks for another number of pods than there are, and tells why in an event. */
export const tellMoves =
  ({ podAutoscalers, isSaid, recorder, telemetry, onMove }: TellParts): OnRun =>
  (key, run, before) => {
    const direction = directionOf(run, before);
    if (direction === undefined) return;
    telemetry.add('hpa_bridge_moves_total', { signal: run.record.signal, direction });
    onMove(key, direction);
    const pa = podAutoscalers.get(key);
    if (pa !== undefined && isSaid()) recorder.publish(podsAskedFor(pa, sentenceOf(run)));
  };
