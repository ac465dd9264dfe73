import { FaultError } from '../../domain/fault.ts';
import type { DecisionList } from '../../domain/record/schema.ts';
import { parseRfc3339 } from '../../domain/rfc3339.ts';
import { seconds, since } from '../../domain/time.ts';
import type { Clock } from '../../ports/clock.ts';
import type { ListsTold } from './ask.ts';

type Item = DecisionList['items'][number];

/** What is told of one revision. */
export interface TopRow extends Item {
  /** How old the evidence was when this was told; null: there is none. */
  readonly ageSeconds: number | null;
}

export interface TopParts {
  /** Throws `FaultError` with one sentence where nothing is known. */
  readonly ask: (signal: AbortSignal) => Promise<ListsTold>;
  readonly draw: (rows: readonly TopRow[]) => string;
  readonly say: { readonly out: (text: string) => unknown; readonly problem: (text: string) => unknown };
  readonly clock: Pick<Clock, 'sleep'>;
}

/** One row for each revision, by name: of who leads for it, else of the first that knows it. */
export function topRows(lists: readonly DecisionList[]): readonly TopRow[] {
  const rows = new Map<string, TopRow>();
  for (const list of lists)
    for (const item of list.items)
      if (item.leads || !rows.has(item.revision))
        rows.set(item.revision, { ...item, ageSeconds: ageOf(item, list.at) });
  return [...rows.values()].sort((a, b) => (a.revision < b.revision ? -1 : 1));
}

function ageOf({ measured, lastAt }: Item, now: string): number | null {
  const [then, at] = [parseRfc3339(lastAt), parseRfc3339(now)];
  if (measured.ageSeconds === null || then === undefined || at === undefined) return null;
  return measured.ageSeconds + since(then, at) / 1000;
}

/** Says once what is known, and which replicas could not be asked. */
export async function topOnce({ ask, draw, say }: TopParts, signal: AbortSignal): Promise<void> {
  const { lists, problems } = await ask(signal);
  say.out(draw(topRows(lists)));
  for (const problem of problems) say.problem(`hpa-bridge: ${problem}\n`);
}

const EVERY = seconds(2);

/** Says it again and again, until the signal aborts. Who does not answer for a while is asked again. */
export async function topOn(parts: TopParts, signal: AbortSignal): Promise<void> {
  await topOnce(parts, signal);
  for (;;) {
    await parts.clock.sleep(EVERY, signal);
    await topOnce(parts, signal).catch((thrown: unknown) => {
      if (!(thrown instanceof FaultError)) throw thrown;
      parts.say.problem(`hpa-bridge: ${thrown.message}\n`);
    });
  }
}
