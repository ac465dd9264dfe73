import { FaultError } from '../../domain/fault.ts';
import type { RevisionDecisions } from '../../domain/record/schema.ts';
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

/** The runs that were not there before, the oldest first. Another replica has runs of its own. */
function newRuns({ decisions: before }: RevisionDecisions, { decisions }: RevisionDecisions): string {
  const known = new Set(before.map(runText));
  return decisions
    .map(runText)
    .filter((text) => !known.has(text))
    .toReversed()
    .map((text) => `${text}\n`)
    .join('');
}
