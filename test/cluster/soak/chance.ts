/** A number from `low` to `high`. What is sent and when is left to chance: nothing that is lost may depend on it. */
export const between = (low: number, high: number): number => low + Math.random() * (high - low);

export const oneOf = <T>(choices: readonly [T, ...T[]] | readonly T[]): T =>
  choices[Math.floor(Math.random() * choices.length)]!;
