import type { Key } from '../domain/key.ts';

/** Asking those who hold requests for revisions that have no pods. */
export interface ActivatorClient {
  /**
   * Sends one request to a Service over a connection of its own. The name of the activator of ours that answered it; undefined: something
   * else did, or nothing within 2 s. Never rejects.
   */
  whoAnswers(address: string, port: number): Promise<string | undefined>;
  /** Requests of a revision that the activator at this address holds or forwards; undefined: it did not say within 2 s. Never rejects. */
  inFlight(address: string, revision: Key): Promise<number | undefined>;
}
