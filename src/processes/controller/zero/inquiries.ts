import type { Key } from '../../../domain/key.ts';
import type { Inquiry } from '../../../domain/plan/world.ts';
import { seconds } from '../../../domain/time.ts';
import type { Evidence } from '../../../domain/zero/seen.ts';
import type { Gate } from '../../../engine/controller.ts';
import { Semaphore } from '../../../engine/semaphore.ts';
import type { ActivatorClient } from '../../../ports/activator-client.ts';
import type { Clock } from '../../../ports/clock.ts';
import type { Log } from '../../../ports/log.ts';
import type { StatSource } from '../../../ports/stat-source.ts';
import type { Telemetry } from '../../../ports/telemetry.ts';

export interface InquiriesParts {
  readonly client: ActivatorClient;
  readonly stats: StatSource;
  /** Addresses of activators of ours. */
  readonly activators: () => readonly string[];
  /** What activators of Knative hold of a revision, where it may be something; undefined: not known. */
  readonly atKnative: (key: Key, of: Inquiry['of']) => number | undefined;
  /** Addresses of the pods of a revision that are ready. */
  readonly pods: (key: Key) => readonly string[];
  /** Told when there is evidence that there was not. */
  readonly onEvidence: (key: Key) => void;
  /** Open while we lead: nobody else acts upon it. */
  readonly gate: Pick<Gate, 'isOpen'>;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
  readonly log: Log;
}

interface Entry {
  inquiry: Inquiry;
  evidence: Evidence | undefined;
  asking: boolean;
  cancel: () => void;
}

/** Requests through the Service, each over a connection of its own and so perhaps to another of the activators. */
const PROBES = 3;
/** Between two tries, for as long as the answer is wanted. */
const AGAIN = seconds(1);
/** Revisions asked about at the same time. */
const AT_ONCE = 64;

const idle = (): void => undefined;

/**
 * Finds out whether the last pods of a revision may go: whether requests reach our activators, and how many are in flight. It is asked for
 * by plans, and as long as a plan asks. Evidence is kept for the plan that asked for it, and forgotten with the question.
 */
export class Inquiries {
  readonly #parts: InquiriesParts;
  readonly #entries = new Map<Key, Entry>();
  readonly #rounds = new Semaphore(AT_ONCE);
  readonly #stop = new AbortController();

  constructor(parts: InquiriesParts) {
    this.#parts = parts;
  }

  /** What is to be found out about a revision; undefined: nothing any more. */
  want(key: Key, inquiry: Inquiry | undefined): void {
    const entry = this.#entries.get(key);
    if (inquiry === undefined) {
      entry?.cancel();
      this.#entries.delete(key);
      return;
    }
    if (this.#stop.signal.aborted) return;
    if (entry === undefined) {
      const made: Entry = { inquiry, evidence: undefined, asking: false, cancel: idle };
      this.#entries.set(key, made);
      this.#begin(key, made);
      return;
    }
    const isAnother = entry.inquiry.endpoints !== inquiry.endpoints;
    entry.inquiry = inquiry;
    // The same is asked again and again anyway, for as long as it is wanted.
    if (!isAnother) return;
    entry.cancel();
    this.#begin(key, entry);
  }

  evidence(key: Key): Evidence | undefined {
    return this.#entries.get(key)?.evidence;
  }

  stop(): void {
    this.#stop.abort(new Error('stopping'));
    for (const key of [...this.#entries.keys()]) this.want(key, undefined);
  }

  #begin(key: Key, entry: Entry): void {
    if (entry.asking) return;
    entry.asking = true;
    this.#rounds
      .run(() => this.#ask(key, entry.inquiry), this.#stop.signal)
      .then((evidence) => {
        entry.asking = false;
        if (this.#entries.get(key) === entry) this.#found(key, entry, evidence);
      })
      .catch((cause: unknown) => {
        entry.asking = false;
        if (!this.#stop.signal.aborted)
          this.#parts.log.error('finding out whether pods may go broke', { key, cause });
      });
  }

  #found(key: Key, entry: Entry, evidence: Evidence): void {
    const { clock, gate, onEvidence, telemetry } = this.#parts;
    telemetry.add('hpa_bridge_inquiries_total', { outcome: outcomeOf(evidence) });
    entry.evidence = evidence;
    if (!gate.isOpen(key)) {
      this.#entries.delete(key);
      return;
    }
    entry.cancel = clock.after(AGAIN, () => this.#begin(key, entry));
    onEvidence(key);
  }

  async #ask(key: Key, { clusterIP, port, endpoints, of }: Inquiry): Promise<Evidence> {
    const { client, clock } = this.#parts;
    const whose = await Promise.all(Array.from({ length: PROBES }, () => client.whoAnswers(clusterIP, port)));
    const at = clock.now();
    const inPath = whose.every((one) => one === of);
    return { at, endpoints, inPath, inFlight: inPath ? await this.#inFlight(key, of) : undefined };
  }

  /** At every activator, also at those that requests no longer go to, and at the pods: connections that are kept do not move. */
  async #inFlight(key: Key, of: Inquiry['of']): Promise<number | undefined> {
    const { client, stats, activators, atKnative, pods } = this.#parts;
    const told = await Promise.all([
      ...activators().map((address) => client.inFlight(address, key)),
      ...pods(key).map(async (address) => {
        const stat = await stats.ask(address);
        if (!stat.ok) return undefined;
        const { averageConcurrentRequests, requestCount } = stat.value;
        return Math.max(averageConcurrentRequests, requestCount);
      }),
    ]);
    return told.reduce<number | undefined>(
      (sum, one) => (sum === undefined || one === undefined ? undefined : sum + one),
      atKnative(key, of),
    );
  }
}

function outcomeOf({ inPath, inFlight }: Evidence): 'quiet' | 'in-flight' | 'not-in-path' | 'unknown' {
  if (!inPath) return 'not-in-path';
  if (inFlight === undefined) return 'unknown';
  return inFlight > 0 ? 'in-flight' : 'quiet';
}
