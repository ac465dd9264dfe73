/** What the work queue does with a key whose reconcile ended in this fault. */
export type Retry = 'never' | 'now' | 'backoff';

/** What is known of a failure beforehand. */
export interface FaultRow {
  readonly retry: Retry;
  /** The word that conditions and events use. */
  readonly reason: string;
  /** What an HTTP client of ours is answered. */
  readonly http: number;
  readonly doc: string;
}
