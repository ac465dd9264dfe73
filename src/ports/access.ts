import type { Key } from '../domain/key.ts';
import type { Unserved } from '../domain/throttle/metrics.ts';
import type { Ms } from '../domain/time.ts';

/** How one request went, told when it has ended. */
export interface Access {
  readonly key: Key;
  readonly protocol: 'HTTP/1' | 'HTTP/2';
  /** What the client was answered with; 0: nothing. */
  readonly status: number;
  readonly ended: 'answered' | Unserved;
  /** From the arrival until a pod took it for the last time; undefined: none did. */
  readonly held: Ms | undefined;
  /** From the arrival until the answer began; undefined: it did not. */
  readonly firstByte: Ms | undefined;
  /** From the arrival until the end. */
  readonly total: Ms;
  /** Of the body of the answer. */
  readonly bytes: number;
  /** Pods that it was given, one after another. */
  readonly places: number;
}

/** Called once for each request of a revision; in the data path, so it must be cheap and must not throw. */
export type OnAccess = (access: Access) => void;
