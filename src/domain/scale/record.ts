import { ms, type Ms } from '../time.ts';
import type { Decision } from './decide.ts';
import type { Scaling } from './scaling.ts';

/** A decision, what became of it, and what was there before: all that it takes to tell why. */
export interface ScaleRecord {
  readonly decision: Decision;
  readonly scaling: Scaling;
  /** Replicas that the Deployment had. */
  readonly from: number;
}

/** Where the evidence of a decision comes from. */
export interface Origin {
  readonly from: 'pods' | 'proxies';
  /** Since the newest report. */
  readonly age: Ms;
}

/** How old the newest evidence of a decision is, and who gave it; undefined: nobody did. */
export function originOf({ seen, at }: Decision): Origin | undefined {
  const { scrapedAt, pushedAt } = seen;
  if (scrapedAt === undefined && pushedAt === undefined) return undefined;
  const scraped = scrapedAt ?? -Infinity;
  const pushed = pushedAt ?? -Infinity;
  return { from: scraped >= pushed ? 'pods' : 'proxies', age: ms(at - Math.max(scraped, pushed)) };
}
