import { FAULTS, FaultError, faultOf, type Fault } from '../domain/fault.ts';
import type { Key } from '../domain/key.ts';
import type { Clock } from '../ports/clock.ts';
import type { Log } from '../ports/log.ts';
import type { Telemetry } from '../ports/telemetry.ts';
import { settle, type ReconcileResult } from './reconcile-result.ts';
import type { Workqueue } from './workqueue.ts';

/** Which keys may be worked on now; a leader election is one. */
export interface Gate<K extends string = Key> {
  isOpen(key: K): boolean;
  /** Resolves when the gate is open for any key or the signal aborts. Until then keys stay in the queue. */
  untilOpen(signal: AbortSignal): Promise<void>;
}

export const ALWAYS_OPEN: Gate<string> = { isOpen: () => true, untilOpen: () => Promise.resolve() };

export interface ControllerParts<K extends string = Key> {
  readonly queue: Workqueue<K>;
  readonly reconcile: (key: K) => Promise<ReconcileResult>;
  /** Keys worked on at the same time, at least 1. */
  readonly workers: number;
  /** A key for which it is closed is dropped: who opens it adds the key again. */
  readonly gate?: Gate<K>;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
  readonly log: Log;
}

/**
 * Works on keys until the signal aborts. Then it takes no more, and resolves when what is in flight has ended. Whatever a reconcile
 * throws is settled as a fault; nothing ends a worker but the signal or the queue's shutdown.
 */
export async function runController<K extends string = Key>(
  parts: ControllerParts<K>,
  signal: AbortSignal,
): Promise<void> {
  await Promise.all(Array.from({ length: Math.max(1, parts.workers) }, () => work(parts, signal)));
}

async function work<K extends string>(parts: ControllerParts<K>, signal: AbortSignal): Promise<void> {
  const { queue, gate = ALWAYS_OPEN, clock } = parts;
  for (;;) {
    await gate.untilOpen(signal);
    const key = await queue.take(signal);
    if (key === undefined) return;
    await clock.giveWay(); // a key that needs no writes is done without ever waiting
    if (gate.isOpen(key)) settle(queue, key, await reconcileOnce(parts, key));
    queue.done(key);
  }
}

async function reconcileOnce<K extends string>(
  { reconcile, clock, telemetry, log }: ControllerParts<K>,
  key: K,
): Promise<ReconcileResult> {
  const start = clock.monotonic();
  let result: ReconcileResult;
  let cause: unknown;
  try {
    result = await reconcile(key);
  } catch (thrown) {
    cause = thrown instanceof FaultError ? thrown.cause : thrown;
    result = { then: 'fault', fault: faultOf(thrown) };
  }
  const took = (clock.monotonic() - start) / 1000;
  telemetry.observe(
    'hpa_bridge_reconcile_seconds',
    { result: result.then === 'fault' ? result.fault.code : result.then },
    took,
  );
  if (result.then === 'fault') {
    telemetry.add('hpa_bridge_faults_total', { code: result.fault.code });
    logFault(log.with({ key }), result.fault, cause);
  }
  return result;
}

function logFault(log: Log, fault: Fault, cause: unknown): void {
  const fields = { fault: fault.code, detail: fault.message };
  if (fault.code === 'internal') log.error('reconcile broke', { ...fields, cause });
  else if (FAULTS[fault.code].retry === 'backoff') log.warn('reconcile failed', fields);
  else log.debug('reconcile ended in a fault', fields);
}
