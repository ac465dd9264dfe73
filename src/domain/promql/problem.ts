import { err, type Result } from '../result.ts';

/** What is wrong with a query, and where. */
export interface Problem {
  /** An offset in characters from the start of the query. */
  readonly at: number;
  /** To follow the name of the query: `calls rate with an instant vector`. */
  readonly wrong: string;
  /** To follow `expected`. */
  readonly expected: string;
}

export const wrongAt = (at: number, wrong: string, expected: string): Result<never, Problem> =>
  err({ at, wrong, expected });
