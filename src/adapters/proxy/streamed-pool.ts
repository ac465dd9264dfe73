import { Agent } from 'node:http';
import { Duplex } from 'node:stream';
import { dial } from './dial.ts';
import { addressOf, type Pod, type PodAuthorities } from './pods.ts';

/** Given where there is no connection. */
const NOTHING = new Duplex();
/** Milliseconds. */
const IDLE = 60_000;
/** Of one pod; more are closed when they become free. */
const MOST_FREE = 1000;

/** Connections of one pod for requests that have a body; the last used is taken first. */
export interface StreamedAgent {
  readonly agent: Agent;
  /** Whether an error says that no connection came about. */
  readonly isOfDialling: (error: Error) => boolean;
}

/** Such connections, by pod. What nobody has used for a while is closed, and forgotten. */
export class StreamedPool {
  readonly #authorities: PodAuthorities;
  readonly #agents = new Map<string, StreamedAgent>();

  constructor(authorities: PodAuthorities) {
    this.#authorities = authorities;
  }

  of(pod: Pod): StreamedAgent {
    const there = this.#agents.get(pod.name);
    if (there !== undefined) return there;
    const made = this.#make(pod);
    this.#agents.set(pod.name, made);
    return made;
  }

  close(): void {
    for (const { agent } of this.#agents.values()) agent.destroy();
    this.#agents.clear();
  }

  #make(pod: Pod): StreamedAgent {
    const failed = new WeakSet<Error>();
    const agent = new Agent({
      keepAlive: true,
      maxFreeSockets: MOST_FREE,
      scheduling: 'lifo',
      timeout: IDLE,
    });
    let open = 0;
    agent.createConnection = (_options, created): undefined => {
      open += 1;
      const closed = (): void => {
        open -= 1;
        if (open === 0 && this.#agents.get(pod.name)?.agent === agent) this.#agents.delete(pod.name);
      };
      dial(addressOf(pod, 'http/1.1', this.#authorities), (error, socket) => {
        if (error === undefined) created?.(null, socket.once('close', closed));
        else {
          failed.add(error);
          closed();
          // What is given beside an error is not looked at.
          created?.(error, NOTHING);
        }
      });
    };
    return { agent, isOfDialling: (error) => failed.has(error) };
  }
}
