/** `warn`: something that is needed by some does not work, or will not soon. `fail`: hpa-bridge does not do its work. */
export type Level = 'ok' | 'warn' | 'fail';

/** What one look at a cluster came to, in one sentence, and in another what to do about it. */
export interface Finding {
  readonly level: Level;
  readonly says: string;
  /** Absent where there is nothing to do. */
  readonly advice?: string;
}

export const fine = (says: string): Finding => ({ level: 'ok', says });
export const warn = (says: string, advice: string): Finding => ({ level: 'warn', says, advice });
export const fail = (says: string, advice: string): Finding => ({ level: 'fail', says, advice });

/** What could not be looked at is not known to be wrong. `sentence` says why not. */
export const unseen = (what: string, sentence: string): Finding =>
  warn(`${what} could not be read: ${sentence}`, 'Run this with an account that may read it.');
