const NOISELESS_DIGITS = 12;

/** A number without the noise of its last digits. */
export const shownNumber = (n: number): string => String(Number(n.toPrecision(NOISELESS_DIGITS)));

/** A number for a sentence: two decimals, or three digits where it is below 1. */
export const brief = (n: number): string =>
  String(Number(Math.abs(n) >= 1 ? n.toFixed(2) : n.toPrecision(3)));

export const podsOf = (count: number): string => `${count} ${count === 1 ? 'pod' : 'pods'}`;
