import { followsPanic } from '../scale/limits.ts';
import type { Instant } from '../time.ts';
import type { ConcurrencyRecord } from './concurrency-record.ts';
import type { QueryRecord } from './query-record.ts';

/** One decision about how many pods a revision is to have: everything that led to it, and what it came to. */
export type DecisionRecord = QueryRecord | ConcurrencyRecord;

/** Decisions in a row that came to the same. */
export interface Run {
  /** When the first of them was made. */
  readonly first: Instant;
  /** When the newest of them was made. */
  readonly last: Instant;
  /** At least 1. */
  readonly count: number;
  /** Replicas when the first of them was made: what the run moves away from. */
  readonly from: number | undefined;
  /** The newest of them: its numbers may differ from those of the others, what it came to does not. */
  readonly record: DecisionRecord;
}

/** The run that a decision continues, or the one that it begins. */
export function noted(run: Run | undefined, record: DecisionRecord): Run {
  const { at, from } = record;
  return run !== undefined && cameToTheSame(run.record, record)
    ? { ...run, last: at, count: run.count + 1, record }
    : { first: at, last: at, count: 1, from, record };
}

/** Whether two decisions say the same to somebody who does not look at digits: about the same question, on the same evidence, the same pods. */
export function cameToTheSame(a: DecisionRecord, b: DecisionRecord): boolean {
  const [one, other] = [essence(a), essence(b)];
  return one.length === other.length && one.every((part, i) => part === other[i]);
}

function essence(record: DecisionRecord): readonly unknown[] {
  const limits = record.limits.map(({ by }) => by);
  if (record.signal !== 'query') {
    const { decision, scaling } = record.scale;
    return [record.signal, record.pods, followsPanic(decision), scaling.zero, ...limits];
  }
  const { measurement, target, decision, pods } = record;
  const { query, server, bounds } = measurement;
  const asked = [
    query,
    server.name,
    server.address,
    target.target,
    target.metricType,
    bounds.min,
    bounds.max,
  ];
  return [...asked, decision.rung, decision.fault, pods, ...limits];
}

/** Which way a run moves that asks for another number of pods than there are, and than the run before it: after a restart there is none. */
export function directionOf(run: Run, before: Run | undefined): 'up' | 'down' | undefined {
  const { pods } = run.record;
  if (before === undefined || pods === undefined || run.from === undefined) return undefined;
  if (pods === run.from || pods === before.record.pods) return undefined;
  return pods > run.from ? 'up' : 'down';
}
