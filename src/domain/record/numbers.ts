const NOISELESS_DIGITS = 12;

/** A number without the noise of its last digits. */
export const shownNumber = (n: number): string => String(Number(n.toPrecision(NOISELESS_DIGITS)));

const MANY = 1e12;

/** A number for a sentence: two decimals, or three digits where it is below 1 or has very many. */
export function brief(n: number): string {
  if (Math.abs(n) >= MANY) return n.toExponential(2);
  return String(Number(Math.abs(n) >= 1 ? n.toFixed(2) : n.toPrecision(3)));
}

export const podsOf = (count: number): string => `${count} ${count === 1 ? 'pod' : 'pods'}`;
