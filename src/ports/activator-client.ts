import type { Key } from '../domain/key.ts';
import type { Keeper } from '../domain/k8s/knative-services.ts';

/** Asking those who hold requests for revisions that have no pods. */
export interface ActivatorClient {
  /**
   * Sends one request to a Service over a connection of its own. Whose activator answered it, ours or Knative's; undefined: something
   * else did, or nothing within 2 s. Never rejects.
   */
  whoAnswers(address: string, port: number): Promise<Keeper | undefined>;
  /** Requests of a revision that the activator at this address holds or forwards; undefined: it did not say within 2 s. Never rejects. */
  inFlight(address: string, revision: Key): Promise<number | undefined>;
}
