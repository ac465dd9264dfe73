import type { Panel, Query, Unit } from './panel.ts';

type Graph = Extract<Panel, { kind: 'graph' }>;
type Stat = Extract<Panel, { kind: 'stat' }>;

/** What one of six in a row tells, as short numbers unless a unit is said. */
export const stat = (
  title: string,
  about: string,
  rest: Pick<Stat, 'queries' | 'names' | 'badFrom'> & { readonly unit?: Unit },
): Stat => ({ kind: 'stat', unit: 'short', title, about, width: 4, ...rest });

/** A single number, which has the title for its legend. */
export const single = (title: string, about: string, expr: string, badFrom?: number): Stat =>
  stat(title, about, {
    queries: [{ expr, legend: title }],
    ...(badFrom === undefined ? {} : { badFrom }),
  });

/** One of three in a row. */
export const graph = (title: string, about: string, unit: Unit, queries: readonly Query[]): Graph => ({
  kind: 'graph',
  title,
  about,
  unit,
  width: 8,
  queries,
});
