import type { Answer } from '../prometheus/answer.ts';
import { isNumber } from '../prometheus/answer.ts';
import type { PrometheusFault } from '../prometheus/faults.ts';
import { numberOf } from '../prometheus/null-values.ts';
import { since, type Instant } from '../time.ts';
import { freshFor, type Policy } from './policy.ts';

/** A number that the revision was scaled by. */
export interface GoodNumber {
  /** Finite; may be negative. */
  readonly value: number;
  /** The moment it was evaluated for, by the server's clock; our own where an empty result counts as zero. */
  readonly at: Instant;
  readonly receivedAt: Instant;
}

/** An unbroken run of answers without a number. */
export interface Failing {
  readonly since: Instant;
  /** Answers in this run, at least 1. */
  readonly count: number;
  /** Why there is no number. Another reason takes its place only when it has come several times in a row: what is told must not flicker. */
  readonly code: PrometheusFault;
  /** What the answer said that gave the code. */
  readonly message: string;
  /** The reason of the newest answers where it is another one, and how many there are of it. */
  readonly other: { readonly code: PrometheusFault; readonly count: number } | undefined;
}

/** What is remembered of the answers to one query of one server. */
export interface History {
  /** Our own clock, when the newest answer came. */
  readonly answeredAt: Instant;
  readonly good: GoodNumber | undefined;
  /** When the first of the present run of good answers came; undefined while the newest answer has no number. */
  readonly goodSince: Instant | undefined;
  /** Undefined while the newest answer is good. */
  readonly failing: Failing | undefined;
}

/** Answers in a row after which another reason is told. */
const CONVINCED_AFTER = 3;

/**
 * What is known after one more answer. A run of good answers ends with an answer that has no number, and where answers stayed away for
 * longer than a number is fresh. If our clock was set back, nothing that was timed by it before counts.
 */
export function remember(before: History | undefined, answer: Answer, policy: Policy): History {
  const { reading, receivedAt } = answer;
  const known = before !== undefined && before.answeredAt <= receivedAt ? before : undefined;
  const value = numberOf(reading, policy.zeroFor);
  if (value !== undefined)
    return {
      answeredAt: receivedAt,
      good: { value, at: isNumber(reading) ? reading.at : receivedAt, receivedAt },
      goodSince: runOf(known, receivedAt, policy) ?? receivedAt,
      failing: undefined,
    };
  return {
    answeredAt: receivedAt,
    good: known?.good,
    goodSince: undefined,
    failing: isNumber(reading) ? undefined : failingAfter(known?.failing, reading, receivedAt),
  };
}

function runOf(known: History | undefined, now: Instant, policy: Policy): Instant | undefined {
  return known !== undefined && since(known.answeredAt, now) <= freshFor(policy)
    ? known.goodSince
    : undefined;
}

function failingAfter(
  run: Failing | undefined,
  { is: code, message }: { readonly is: PrometheusFault; readonly message: string },
  now: Instant,
): Failing {
  if (run === undefined) return { since: now, count: 1, code, message, other: undefined };
  const count = run.count + 1;
  if (code === run.code) return { ...run, count, other: undefined };
  const others = run.other?.code === code ? run.other.count + 1 : 1;
  return others < CONVINCED_AFTER
    ? { ...run, count, other: { code, count: others } }
    : { since: run.since, count, code, message, other: undefined };
}
