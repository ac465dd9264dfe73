import type { Duplex } from 'node:stream';
import type { HeaderList } from '../../domain/activator/headers.ts';

/** Who is told what became of a request over HTTP/1.1. Exactly one of the last four ends it, and nothing follows. */
export interface Receiver {
  /** An answer of 1xx, before the one that counts. */
  informed(status: number, headers: HeaderList): void;
  /** The answer begins. */
  begun(status: number, reason: string | undefined, headers: HeaderList): void;
  /** Some of its body. False: no more until `resume` is called. */
  data(chunk: Buffer, resume: () => void): boolean;
  /** The answer is whole. Trailers are names and values in turn. */
  whole(trailers: HeaderList): void;
  /** The pod speaks another protocol from now on. */
  upgraded(socket: Duplex, headers: HeaderList): void;
  /** No connection came about, and nothing was sent. */
  unreachable(why: string): void;
  failed(why: string): void;
}

/** A request under way to a pod. */
export interface Sending {
  /** Ends it; the receiver is told nothing any more. */
  stop(): void;
}
