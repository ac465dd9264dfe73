import type { Key } from '../../../domain/key.ts';
import type { Measurement } from '../../../domain/plan/measurement.ts';
import type { Answer } from '../../../domain/prometheus/answer.ts';
import { answerSeen, type AnswerSeen, type QueryDecided } from '../../../domain/record/query-record.ts';
import { remember, type History } from '../../../domain/signal/history.ts';
import { decide, type Decision, type Rung } from '../../../domain/signal/ladder.ts';
import type { Scale } from '../../../domain/signal/scale-value.ts';
import type { Teller, Told, ToldTarget } from '../../../domain/signal/told.ts';
import { toldOf } from '../../../domain/signal/words.ts';
import { ms, since, type Instant } from '../../../domain/time.ts';
import type { QueryActivity } from '../../../domain/zero/seen.ts';
import type { Clock } from '../../../ports/clock.ts';
import type { Telemetry } from '../../../ports/telemetry.ts';
import { Census } from '../census.ts';

/** How many pods a revision has now, and what its autoscaler compares values with. */
export interface SeenScale extends Scale {
  /** Undefined while there is no such autoscaler. */
  readonly inForce: ToldTarget | undefined;
}

export interface SignalsParts {
  readonly scaleOf: (key: Key) => SeenScale;
  /** Replicas that the concurrency measured at the pods asks for; undefined where it is not known. */
  readonly concurrencyOf: (key: Key) => number | undefined;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
  /** Told of a revision of which something else is to be said now: it stands on another rung, or for another reason. */
  readonly onChange: (key: Key) => void;
  /** Told of each decision that is made anew, and of the end. Not of those that somebody only asks for. */
  readonly onDecision?: (key: Key, decided: QueryDecided | undefined) => void;
}

/** What is known of one revision's query. */
interface Signal {
  readonly measurement: Measurement;
  readonly history: History | undefined;
  readonly answer: AnswerSeen | undefined;
}

/** Another question: what was answered to the one before says nothing about it. */
const questionOf = ({ query, server: { address, headers, parameters } }: Measurement): string =>
  JSON.stringify([query, address, headers, parameters]);

/** By what the query said itself, as long as that counts: what is told instead of it may only keep the replicas. */
function activityOf({ decision, history, measurement }: QueryDecided): boolean | undefined {
  const isOwn = decision.rung === 'fresh' || decision.rung === 'last-good';
  const value = isOwn ? history?.good?.value : decision.value;
  return value === undefined ? undefined : value > (measurement.target.activationThreshold ?? 0);
}

/** Remembers what came of each revision's query, and tells what it is scaled by. Every replica remembers for itself. */
export class Signals implements Teller {
  readonly #parts: SignalsParts;
  readonly #signals = new Map<Key, Signal>();
  readonly #said = new Map<Key, Decision>();
  readonly #activity = new Map<Key, QueryActivity>();
  readonly #alarms = new Map<Key, () => void>();
  readonly #listeners = new Set<(key: Key) => void>();
  readonly #census: Census<Rung>;

  constructor(parts: SignalsParts) {
    this.#parts = parts;
    this.#census = new Census((rung, count) =>
      parts.telemetry.set('hpa_bridge_measured_revisions', { rung }, count),
    );
  }

  /** What is measured for a revision from now on; undefined: nothing. */
  set(key: Key, measurement: Measurement | undefined): void {
    const before = this.#signals.get(key);
    if (measurement === undefined) {
      if (before !== undefined) this.#forget(key);
      return;
    }
    const same = before !== undefined && questionOf(before.measurement) === questionOf(measurement);
    const { history, answer } = same ? before : { history: undefined, answer: undefined };
    this.#signals.set(key, { measurement, history, answer });
    this.review(key);
  }

  /** Takes an answer to the query that was set last. */
  record(key: Key, answer: Answer): void {
    const signal = this.#signals.get(key);
    if (signal === undefined) return;
    const history = remember(signal.history, answer, signal.measurement.policy);
    this.#signals.set(key, { ...signal, history, answer: answerSeen(answer) });
    this.review(key);
  }

  /** What the revision is scaled by now; undefined: we ask no query for it. */
  decision(key: Key): Decision | undefined {
    return this.#decide(key)?.decision;
  }

  /** Whether the query says that there is something to do; undefined while it is not known. */
  activity(key: Key): QueryActivity | undefined {
    return this.#activity.get(key);
  }

  #decide(key: Key): QueryDecided | undefined {
    const signal = this.#signals.get(key);
    if (signal === undefined) return undefined;
    const { policy, target: wanted } = signal.measurement;
    const { inForce: target = wanted, ...scale } = this.#parts.scaleOf(key);
    const standing = { ...scale, policy, target, concurrency: this.#parts.concurrencyOf(key) };
    const at = this.#parts.clock.now();
    return { ...signal, at, scale, target, decision: decide(signal.history, standing, at) };
  }

  told(key: Key): Told | undefined {
    const decision = this.decision(key);
    const policy = this.#signals.get(key)?.measurement.policy;
    return decision === undefined || policy === undefined ? undefined : toldOf(decision, policy);
  }

  targetOf(key: Key): ToldTarget | undefined {
    return this.#signals.get(key)?.measurement.target;
  }

  subscribe(listener: (key: Key) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Looks anew at a revision of which something changed: an answer, the number of its pods, or the time. */
  review(key: Key): void {
    const decided = this.#decide(key);
    if (decided === undefined) return;
    const { decision } = decided;
    this.#parts.onDecision?.(key, decided);
    const before = this.#said.get(key);
    this.#said.set(key, decision);
    this.#alarm(key, decision.until);
    this.#census.note(key, decision.rung);
    for (const listener of this.#listeners) listener(key);
    const turned = this.#noteActivity(key, activityOf(decided));
    if (turned || before?.rung !== decision.rung || before.fault !== decision.fault)
      this.#parts.onChange(key);
  }

  #noteActivity(key: Key, active: boolean | undefined): boolean {
    const before = this.#activity.get(key)?.active;
    if (before === active) return false;
    if (active === undefined) this.#activity.delete(key);
    else this.#activity.set(key, { active, since: this.#parts.clock.now() });
    return true;
  }

  /** Ends what would wake up later. */
  stop(): void {
    for (const cancel of this.#alarms.values()) cancel();
    this.#alarms.clear();
  }

  #forget(key: Key): void {
    this.#signals.delete(key);
    this.#said.delete(key);
    this.#activity.delete(key);
    this.#alarm(key, undefined);
    this.#census.note(key, undefined);
    for (const listener of this.#listeners) listener(key);
    this.#parts.onDecision?.(key, undefined);
    this.#parts.onChange(key);
  }

  /** Time alone takes a revision to a weaker rung: that is told when it happens. */
  #alarm(key: Key, due: Instant | undefined): void {
    this.#alarms.get(key)?.();
    this.#alarms.delete(key);
    if (due === undefined) return;
    const { clock } = this.#parts;
    const wait = ms(Math.max(1, since(clock.now(), due)));
    this.#alarms.set(
      key,
      clock.after(wait, () => this.review(key)),
    );
  }
}
