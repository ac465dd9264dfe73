import type { Json, JsonObject } from '../../src/domain/json.ts';

/** What replaying one recorded case gave. */
export type Outcome =
  | { readonly is: 'same' }
  /** Different on purpose: `rule` names a row of the table of intended differences. */
  | { readonly is: 'intended'; readonly rule: string }
  | { readonly is: 'different'; readonly expected: Json; readonly actual: Json };

/** Replays the cases of one kind of file through the product's own functions. */
export interface Replay {
  /** True when this replay knows files with such a head (every member but `cases`). */
  knows(head: JsonObject): boolean;
  run(recorded: JsonObject): Outcome;
}

/** A difference that we want. It is a rule over inputs and outputs, never a list of cases. */
export interface IntendedDifference {
  readonly name: string;
  /** One sentence for users: what we do instead, and why. */
  readonly reason: string;
  /** Path of the decision page. */
  readonly decision: string;
  /** True when the rule explains why `actual` differs from `expected`, wholly. */
  readonly explains: (recorded: JsonObject, expected: Json, actual: Json) => boolean;
}
