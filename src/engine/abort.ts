import { FaultError } from '../domain/fault.ts';
import type { Ms } from '../domain/time.ts';
import type { Clock } from '../ports/clock.ts';

/** Resolves when the promise does, or when the signal aborts, whichever is first. */
export async function orAborted(promise: Promise<unknown>, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  const aborted = Promise.withResolvers<undefined>();
  const leave = (): void => aborted.resolve(undefined);
  signal.addEventListener('abort', leave, { once: true });
  try {
    await Promise.race([promise, aborted.promise]);
  } finally {
    signal.removeEventListener('abort', leave);
  }
}

/**
 * Runs the task for at most `limit`. Its signal aborts when the time is over or the outer signal aborts; then this rejects with the reason
 * (`api_unavailable` for the time), whether or not the task heeds its signal.
 */
export async function withLimit<T>(
  clock: Clock,
  limit: Ms,
  outer: AbortSignal,
  task: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  outer.throwIfAborted();
  const inner = new AbortController();
  const stopped = Promise.withResolvers<never>();
  const stop = (reason: unknown): void => {
    inner.abort(reason);
    stopped.reject(reason);
  };
  const onOuter = (): void => stop(outer.reason);
  outer.addEventListener('abort', onOuter, { once: true });
  const cancel = clock.after(limit, () =>
    stop(new FaultError({ code: 'api_unavailable', message: `no answer within ${limit} ms` })),
  );
  try {
    return await Promise.race([task(inner.signal), stopped.promise]);
  } finally {
    cancel();
    outer.removeEventListener('abort', onOuter);
  }
}
