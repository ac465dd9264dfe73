import type { DecisionDocument } from '../../domain/record/schema.ts';
import { parseRfc3339 } from '../../domain/rfc3339.ts';
import { since, type Instant, type Ms } from '../../domain/time.ts';

const LEVELS = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
/** Where nothing was asked for. */
const NOTHING = '·';

/** Pods that were asked for, over time. */
export interface Sparkline {
  /** One character for each part of the time, the oldest first. */
  readonly drawn: string;
  readonly least: number;
  readonly most: number;
  readonly length: Ms;
}

interface Span {
  readonly from: Instant;
  readonly pods: number | null;
}

/**
 * Draws the pods of runs that stand with the newest first, until `now`. A part in which there were several numbers shows the largest.
 * Undefined where nothing was asked for yet.
 */
export function sparkline(
  runs: readonly Pick<DecisionDocument, 'at' | 'pods'>[],
  now: Instant,
  width: number,
): Sparkline | undefined {
  const spans = runs.toReversed().flatMap(({ at, pods }): readonly Span[] => {
    const from = parseRfc3339(at);
    return from === undefined ? [] : [{ from, pods }];
  });
  const asked = numbersIn(spans);
  const [first] = spans;
  if (first === undefined || asked.length === 0) return undefined;
  const length = since(first.from, now);
  const most = Math.max(...asked);
  const drawn = Array.from({ length: width }, (_, i) => {
    const [begin, end] = [i, i + 1].map((part) => first.from + (part * Math.max(1, length)) / width);
    const here = numbersIn(spansWithin(spans, begin ?? 0, end ?? 0));
    return here.length === 0 ? NOTHING : levelOf(Math.max(...here), most);
  });
  return { drawn: drawn.join(''), least: Math.min(...asked), most, length };
}

const numbersIn = (spans: readonly Span[]): readonly number[] =>
  spans.flatMap(({ pods }) => (pods === null ? [] : [pods]));

/** A span ends where the next begins. */
const spansWithin = (spans: readonly Span[], begin: number, end: number): readonly Span[] =>
  spans.filter(({ from }, i) => from < end && (spans[i + 1]?.from ?? Infinity) > begin);

const levelOf = (pods: number, most: number): string =>
  LEVELS[most === 0 ? 0 : Math.round((pods / most) * (LEVELS.length - 1))] ?? NOTHING;
