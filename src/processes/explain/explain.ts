import { FaultError } from '../../domain/fault.ts';
import type { DecisionDocument, RevisionDecisions } from '../../domain/record/schema.ts';
import { seconds } from '../../domain/time.ts';
import type { Clock } from '../../ports/clock.ts';
import { explainText, runText } from './report.ts';

export interface ExplainParts {
  /** Throws `FaultError` with one sentence where nothing is known. */
  readonly ask: (signal: AbortSignal) => Promise<RevisionDecisions>;
  readonly output: 'text' | 'json';
  readonly say: { readonly out: (text: string) => unknown; readonly problem: (text: string) => unknown };
  readonly clock: Pick<Clock, 'sleep'>;
}

const EVERY = seconds(2);

/** Says once what is known. */
export async function explainOnce({ ask, output, say }: ExplainParts, signal: AbortSignal): Promise<void> {
  const document = await ask(signal);
  say.out(output === 'json' ? `${JSON.stringify(document, undefined, 2)}\n` : explainText(document));
}

/**
 * Says what is known and then each decision that is new, until the signal aborts: as lines, or as documents of one line each. Who does not
 * answer for a while is asked again.
 */
export async function explainOn(parts: ExplainParts, signal: AbortSignal): Promise<void> {
  const { ask, output, say, clock } = parts;
  let told = await ask(signal);
  say.out(output === 'json' ? `${JSON.stringify(told)}\n` : explainText(told));
  let problem = '';
  for (;;) {
    await clock.sleep(EVERY, signal);
    try {
      const now = await ask(signal);
      problem = '';
      say.out(output === 'json' ? changed(told, now) : newRuns(told, now));
      told = now;
    } catch (thrown) {
      if (!(thrown instanceof FaultError)) throw thrown;
      if (thrown.message !== problem) say.problem(`hpa-bridge: ${thrown.message}\n`);
      problem = thrown.message;
    }
  }
}

const changed = (before: RevisionDecisions, now: RevisionDecisions): string =>
  newRuns(before, now) === '' ? '' : `${JSON.stringify(now)}\n`;

/** What a run is known by: its sentence has the numbers of its newest decision, and two runs may begin in one second. */
const identityOf = ({ at, rung, fault, pods, limits }: DecisionDocument): string =>
  JSON.stringify([at, rung, fault, pods, limits.map(({ by }) => by)]);

/** The runs that began since, the oldest first. Another replica has runs of its own, of which only those that are newer are news. */
function newRuns({ decisions: before }: RevisionDecisions, { at, decisions }: RevisionDecisions): string {
  const known = new Set(before.map(identityOf));
  const since = before[0]?.at ?? '';
  return decisions
    .filter((run) => run.at >= since && !known.has(identityOf(run)))
    .toReversed()
    .map((run) => `${runText(run, at)}\n`)
    .join('');
}
