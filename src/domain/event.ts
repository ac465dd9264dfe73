import type { Key } from './key.ts';

/** A Kubernetes event before it is written: what it is about, and what makes two of them the same. */
export interface BridgeEvent {
  /** The object that the event is attached to. */
  readonly about: EventSubject;
  readonly type: 'Normal' | 'Warning';
  /** CamelCase word. */
  readonly reason: string;
  /** One sentence. */
  readonly message: string;
  /** Events with equal subjects, reasons and `sameAs` are one event that is counted, whatever their messages. */
  readonly sameAs: readonly string[];
}

export interface EventSubject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly key: Key;
  readonly uid: string;
}
