import { FAULTS, type Fault } from '../domain/fault.ts';
import type { Key } from '../domain/key.ts';
import { ms, type Ms } from '../domain/time.ts';
import type { Workqueue } from './workqueue.ts';

/** What a reconcile found. The fault's row says whether it is tried again; the reconcile does not. */
export type ReconcileResult =
  /** Nothing to do until the next event. */
  | { readonly then: 'done' }
  /** Time alone will change the answer. */
  | { readonly then: 'requeue'; readonly after: Ms }
  | { readonly then: 'fault'; readonly fault: Fault };

export const DONE: ReconcileResult = { then: 'done' };

/** Does to the queue what the result of a reconcile calls for. A fault's `retryAfterMs` is the least that its key waits. */
export function settle<K extends string = Key>(queue: Workqueue<K>, key: K, result: ReconcileResult): void {
  if (result.then !== 'fault') {
    queue.forget(key);
    if (result.then === 'requeue') queue.add(key, result.after);
    return;
  }
  const { code, retryAfterMs } = result.fault;
  switch (FAULTS[code].retry) {
    case 'never': // only an edit helps, and an edit is an event
      queue.forget(key);
      return;
    case 'now':
      if (retryAfterMs === undefined) queue.retry(key);
      else queue.backoff(key, ms(retryAfterMs));
      return;
    case 'backoff':
      queue.backoff(key, ms(retryAfterMs ?? 0));
  }
}
