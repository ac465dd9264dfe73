import type { Key } from '../domain/key.ts';
import type { Result } from '../domain/result.ts';
import type { ActivatorLoad } from '../domain/zero/activator-metrics.ts';

/** Where activators of Knative tell what they hold. */
export interface ActivatorMetrics {
  /** Asks the activator at an address for what it knows of revisions; the error is one sentence. Never rejects; an answer comes within 3 s. */
  ask(address: string): Promise<Result<ReadonlyMap<Key, ActivatorLoad>, string>>;
}
