import { ms, type Ms } from '../time.ts';

/** How long after a probe that found nobody the next one follows: shares of the time that has passed since the first, and their bounds. */
const PAUSES = {
  /** The pod does not listen yet, which costs nobody anything to find out: its address is known before it does. */
  'no-connection': { share: 1 / 200, least: 10, most: 200 },
  /** It listens and has asked its app, which is work for both. */
  answered: { share: 1 / 50, least: 20, most: 200 },
} as const;

/** The pause before a pod is probed again that has been asked in vain for `waited`. */
export function probePause(came: keyof typeof PAUSES, waited: Ms): Ms {
  const { share, least, most } = PAUSES[came];
  return ms(Math.min(most, Math.max(least, waited * share)));
}
