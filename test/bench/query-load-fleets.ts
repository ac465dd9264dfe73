/** The queries of a fleet of revisions, one for each. */
export interface QueryFleet {
  readonly title: string;
  readonly queryOf: (n: number) => string;
}

export const revisionOf = (n: number): string => `shop-${String(n).padStart(5, '0')}`;

const AGGREGATIONS = ['sum', 'avg', 'max'];
const SHAPES = 60;

function inShapes(n: number): string {
  const shape = n % SHAPES;
  const window = 30 + Math.floor(shape / AGGREGATIONS.length);
  return `${AGGREGATIONS[shape % AGGREGATIONS.length]!}(rate(requests_total{rev="${revisionOf(n)}"}[${window}s]))`;
}
const distinct = (n: number): string => `sum(rate(requests_${n}_total{namespace="team"}[30s]))`;
/** As a query is made from the name of a metric. */
const derived = (n: number): string =>
  `sum(rate(requests_total{namespace="team",pod=~"${revisionOf(n)}-.*"}[30s]))`;
const one = (n: number): string => `sum(rate(requests_total{rev="${revisionOf(n)}"}[30s]))`;

export const FLEETS = {
  shapes: { title: `${SHAPES} shapes`, queryOf: inShapes },
  distinct: { title: 'every query another', queryOf: distinct },
  derived: { title: 'every query made from the name of a metric', queryOf: derived },
  one: { title: 'one shape', queryOf: one },
  half: { title: 'half of them of one shape', queryOf: (n: number) => (n % 2 === 0 ? distinct(n) : one(n)) },
} as const satisfies Readonly<Record<string, QueryFleet>>;

export type FleetName = keyof typeof FLEETS;

export const queriesOf = (fleet: FleetName, count: number): readonly string[] =>
  Array.from({ length: count }, (_, n) => FLEETS[fleet].queryOf(n));

const PODS = 6;

/** What such revisions export after so many seconds: six pods each. */
export function exported(count: number, seconds: number): string {
  const lines: string[] = [];
  for (let n = 0; n < count; n++)
    for (let pod = 0; pod < PODS; pod++) {
      const labels = `namespace="team",pod="${revisionOf(n)}-${pod}"`;
      const value = seconds * (1 + ((n * 7 + pod) % 13) / 10);
      lines.push(`requests_total{${labels},rev="${revisionOf(n)}"} ${value}`);
      lines.push(`requests_${n}_total{${labels}} ${value}`);
    }
  return `${lines.join('\n')}\n`;
}
