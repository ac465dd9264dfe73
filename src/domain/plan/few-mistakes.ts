import type { Mistake } from '../annotation/mistake.ts';

/** The gravest first. */
export const EFFECTS = [
  'refused',
  'ignored',
  'used',
  'advice',
  'unknown',
] as const satisfies readonly Mistake['effect'][];

/** Nobody mends more at once, and annotations have room for thousands. */
const MOST = 20;

/** So many mistakes as a person reads and a status holds, the gravest first; how many there are beside is one more. */
export function fewMistakes(mistakes: readonly Mistake[]): readonly Mistake[] {
  if (mistakes.length <= MOST) return mistakes;
  const sorted = EFFECTS.flatMap((effect) => mistakes.filter((mistake) => mistake.effect === effect));
  const [next, ...others] = sorted.slice(MOST);
  if (next === undefined) return sorted;
  const message = `There are ${others.length + 1} more mistakes, the first of them in ${next.key}: expected these to be mended first.`;
  return [...sorted.slice(0, MOST), { effect: next.effect, key: next.key, message }];
}
