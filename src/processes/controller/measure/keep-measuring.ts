import type { Key } from '../../../domain/key.ts';
import { measurementOf, type Measurement } from '../../../domain/plan/measurement.ts';
import { podSignalOf, type PodSignal } from '../../../domain/plan/pod-signal.ts';
import type { World } from '../../../domain/plan/world.ts';
import type { Workqueue } from '../../../engine/workqueue.ts';
import type { Clock } from '../../../ports/clock.ts';
import type { Log } from '../../../ports/log.ts';
import type { Measurer } from './measurer.ts';

/** Asks what is wanted. What it answers for a key is always an answer to what was set last. */
export type Measures = Pick<Measurer, 'set' | 'run'>;

export interface MeasuringParts {
  readonly observe: (key: Key) => World | undefined;
  /** Remembers what is measured, and judges the answers. */
  readonly signals: { set(key: Key, measurement: Measurement | undefined): void };
  readonly measurer: Pick<Measures, 'set'>;
  /** Measures what pods carry. */
  readonly pods: { set(key: Key, signal: PodSignal | undefined): void };
  readonly queue: Workqueue;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * Keeps what is measured equal to what the revisions ask for, in every replica: who takes over the lease has answers already. Resolves
 * when the signal aborts. It writes nothing, so that no lease is needed.
 */
export async function keepMeasuring(parts: MeasuringParts, signal: AbortSignal): Promise<void> {
  const { queue, clock, log } = parts;
  for (;;) {
    const key = await queue.take(signal);
    if (key === undefined) return;
    await clock.giveWay();
    try {
      measure(parts, key);
    } catch (cause) {
      log.error('what is to be measured cannot be told', { key, cause });
    }
    queue.done(key);
  }
}

function measure({ observe, signals, measurer, pods }: MeasuringParts, key: Key): void {
  const world = observe(key);
  const atPods = world === undefined ? { is: 'nothing' as const } : podSignalOf(world);
  if (atPods.is !== 'unchanged') pods.set(key, atPods.is === 'pods' ? atPods.signal : undefined);
  const measuring = world === undefined ? { is: 'nothing' as const } : measurementOf(world);
  if (measuring.is === 'unchanged') return;
  const measurement = measuring.is === 'query' ? measuring.measurement : undefined;
  signals.set(key, measurement);
  measurer.set(
    key,
    measurement === undefined
      ? undefined
      : { server: measurement.server, query: measurement.query, interval: measurement.policy.interval },
  );
}
