import type { Key } from '../domain/key.ts';
import type { Ms } from '../domain/time.ts';

/** What a request needs to know of its revision. */
export interface ServedRevision {
  readonly key: Key;
  /** From the arrival of a request until its answer must have ended, the time in the queue included. */
  readonly timeout: Ms;
  /** From the arrival until the answer must have begun; undefined: no limit of its own. */
  readonly responseStartTimeout: Ms | undefined;
  /** Since the last byte of the answer, or since the arrival; undefined: no limit. */
  readonly idleTimeout: Ms | undefined;
  /** Whether the pods are in the path again: who keeps a connection to us is told to close it, because connections never move by themselves. */
  readonly bypassed: () => boolean;
}

/** A place at a pod for one request, from when it is given until it is released. */
export interface Place {
  /** `http://10.0.0.1:8012` or `https://...:8112`; an IPv6 address is in brackets. */
  readonly origin: string;
  /** What goes into the header Host instead of the address: a mesh routes by it. */
  readonly host: string | undefined;
  /** Headers that a mesh asks for, as name and value in turn. */
  readonly headers: readonly string[];
  /** To be called exactly once. `unreachable`: no connection came about, so that nothing was sent. */
  release(outcome: 'done' | 'unreachable'): void;
}

/** Why nobody takes a request. */
export interface Refusal {
  readonly status: 404 | 500 | 503;
  /** One sentence for the client. */
  readonly message: string;
  /** Seconds after which to try again, where that may help. */
  readonly retryAfter: number | undefined;
}

/** One request that waits for a place. Exactly one of the two is called, unless it is withdrawn before; perhaps before `seek` returns. */
export interface Seeker {
  readonly key: Key;
  /** Bytes of memory that the request holds while it waits; absent: as good as none. */
  readonly bytes?: number;
  granted(place: Place): void;
  refused(refusal: Refusal): void;
}

/** Who lets requests wait, wakes their revision, and gives them places at its pods, first come first served. */
export interface Throttler {
  /** Undefined where there is no such revision. */
  revision(key: Key): ServedRevision | undefined;
  /** A request has come, and counts as in flight until `left`. */
  arrived(key: Key): void;
  /** A pod begins to answer one of the requests. */
  answered(key: Key): void;
  left(key: Key): void;
  seek(seeker: Seeker): void;
  /** The request waits no longer; nothing is called afterwards. */
  withdraw(seeker: Seeker): void;
}
