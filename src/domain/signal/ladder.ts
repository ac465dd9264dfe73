import type { FaultCode } from '../fault.ts';
import { plus, ms, since, type Instant } from '../time.ts';
import type { GoodNumber, History } from './history.ts';
import { freshFor, type Policy } from './policy.ts';
import { neverLower, valueFor, type Scale } from './scale-value.ts';
import type { ToldTarget } from './told.ts';

/** The rungs of the ladder, the strongest evidence first. */
export const RUNGS = ['fresh', 'last-good', 'concurrency', 'hold', 'floor', 'replicas', 'none'] as const;

/**
 * What a revision is scaled by now. `fresh`: by its query. `last-good`: by the last number that it gave. `concurrency`: by what is measured
 * at its pods. `hold`: not at all. `floor`: up to the replicas that its user wants at least. `replicas`: to those that its user wants
 * exactly. `none`: nothing is told, which leaves the scale as it is.
 */
export type Rung = (typeof RUNGS)[number];

/** What a decision depends on beside the answers. */
export interface Standing extends Scale {
  readonly target: ToldTarget;
  readonly policy: Policy;
  /** Replicas that the concurrency measured at the pods asks for; undefined where nobody measures it. */
  readonly concurrency: number | undefined;
}

export interface Decision {
  readonly rung: Rung;
  /** What autoscalers compare with the target; finite and not negative. Undefined: they are told an error. */
  readonly value: number | undefined;
  /** Whether the value may be lower than what keeps the present replicas. */
  readonly mayLower: boolean;
  /** When the evidence behind the value was taken, by our own clock. */
  readonly at: Instant;
  /** Since when the query has had a number, or has had none. Undefined before the first answer. */
  readonly since: Instant | undefined;
  /** Why there is no fresh number, or no value; undefined on the rung `fresh`. */
  readonly fault: FaultCode | undefined;
  /** What the last answer said that had no number; it may differ from one to the next. */
  readonly detail: string | undefined;
  /** When the passing of time alone makes another decision of this one. */
  readonly until: Instant | undefined;
}

/**
 * What a revision is scaled by at a moment. Same inputs, same answer. Evidence that is weaker than a full window of fresh answers never
 * asks for fewer replicas than there are, but for the rung `replicas`, where the user said so.
 */
export function decide(history: History | undefined, standing: Standing, at: Instant): Decision {
  if (history === undefined)
    return nothing({ at, since: undefined, fault: 'signal_unmeasured', detail: undefined });
  const { good, failing, answeredAt } = history;
  const { policy } = standing;
  const age = good === undefined ? Infinity : Math.max(0, since(good.receivedAt, at));
  if (good !== undefined && age <= freshFor(policy)) return fresh(history, standing, good);
  const gone: Gone = {
    at,
    since: failing?.since ?? answeredAt,
    fault: failing?.code ?? 'signal_stale',
    detail: failing?.message,
  };
  if (good === undefined || age > policy.staleAfter) return fallback(standing, gone);
  return {
    ...weak(standing, { ...gone, at: good.receivedAt }, { rung: 'last-good', value: good.value }),
    until: justAfter(good.receivedAt, policy.staleAfter),
  };
}

const justAfter = (at: Instant, wait: number): Instant => plus(at, ms(Math.floor(wait) + 1));

function fresh({ answeredAt, goodSince }: History, standing: Standing, good: GoodNumber): Decision {
  const { policy } = standing;
  const mayLower = goodSince !== undefined && since(goodSince, answeredAt) >= policy.window;
  const value = mayLower ? Math.max(0, good.value) : neverLower(good.value, standing.target, standing);
  const known = { at: good.receivedAt, since: goodSince ?? good.receivedAt, detail: undefined };
  const until = justAfter(good.receivedAt, freshFor(policy));
  return value === undefined
    ? { ...unsure({ ...known, fault: undefined }), until }
    : { ...known, rung: 'fresh', value, mayLower, fault: undefined, until };
}

/** What is known where no value can be told that is as good as a fresh one. */
type Gone = Pick<Decision, 'at' | 'since' | 'fault' | 'detail'>;

const nothing = (gone: Gone): Decision => ({
  ...gone,
  rung: 'none',
  value: undefined,
  mayLower: false,
  until: undefined,
});

/** Nobody knows which value would keep the replicas. */
const unsure = (gone: Gone): Decision => nothing({ ...gone, fault: 'signal_replicas_unknown' });

function weak(
  standing: Standing,
  gone: Gone,
  { rung, value }: { readonly rung: Rung; readonly value: number },
): Decision {
  const told = neverLower(value, standing.target, standing);
  return told === undefined
    ? unsure(gone)
    : { ...gone, rung, value: told, mayLower: false, until: undefined };
}

/** What counts once the last good number is too old. */
function fallback(standing: Standing, gone: Gone): Decision {
  const { fallback: way, fallbackReplicas } = standing.policy;
  if (way === 'off') return nothing(gone);
  if (way === 'replicas' && fallbackReplicas !== undefined) return exactly(standing, gone, fallbackReplicas);
  const measured = way === 'hold' ? undefined : standing.concurrency;
  const least = way === 'auto' ? fallbackReplicas : undefined;
  const base = Math.max(standing.replicas ?? 0, measured ?? 0);
  const upTo = (replicas: number): number => valueFor(replicas, standing.target, standing) ?? 0;
  if (least !== undefined && least >= base)
    return weak(standing, gone, { rung: 'floor', value: upTo(least) });
  if (measured !== undefined) return weak(standing, gone, { rung: 'concurrency', value: upTo(measured) });
  // Where there is nothing to hold, a zero would be an answer that nobody gave.
  return standing.replicas === 0 ? nothing(gone) : weak(standing, gone, { rung: 'hold', value: 0 });
}

function exactly(standing: Standing, gone: Gone, replicas: number): Decision {
  const value = valueFor(replicas, standing.target, standing);
  return value === undefined
    ? unsure(gone)
    : { ...gone, rung: 'replicas', value, mayLower: true, until: undefined };
}
