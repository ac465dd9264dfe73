import type { METRICS } from '../telemetry.ts';

/** How often a server gave which answer, by the outcome that the metric has. */
export type Outcomes = Readonly<Record<string, number>>;

const SERIES = 'hpa_bridge_prometheus_requests_total' satisfies keyof typeof METRICS;
const LINE = new RegExp(`^${SERIES}\\{([^}]*)\\} (\\d+)`, 'gm');

/** What replicas tell on `/metrics` of one server, all together. */
export function outcomesIn(pages: readonly string[], server: string): Outcomes {
  const found: Record<string, number> = {};
  for (const page of pages)
    for (const [, labels = '', count = ''] of page.matchAll(LINE)) {
      const outcome = /(?:^|,)outcome="([^"]*)"/.exec(labels)?.[1];
      if (outcome === undefined || !`,${labels},`.includes(`,server="${server}",`)) continue;
      found[outcome] = (found[outcome] ?? 0) + Number(count);
    }
  return found;
}

/** Answers that are numbers, or lists of them. */
export const isAnswer = (outcome: string): boolean =>
  ['vector', 'scalar', 'series', 'empty'].includes(outcome);

/** `vector (12) and dns (3)`, the most frequent first. */
export const outcomesText = (outcomes: Outcomes): readonly string[] =>
  Object.entries(outcomes)
    .sort(([, a], [, b]) => b - a)
    .map(([outcome, count]) => `${outcome} (${count})`);
