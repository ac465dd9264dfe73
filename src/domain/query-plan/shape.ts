import { syntaxOf } from '../promql/syntax.ts';
import { typeOf } from '../promql/types.ts';
import { groupingsOf, type Grouping } from './grouping.ts';

/** What is known of a query for every plan that it will be part of; it is found out once, because reading a query takes time. */
export interface Shape {
  readonly query: string;
  /** What can be put beside others: vectors, and numbers once they are made vectors. `neither` is asked alone. */
  readonly gives: 'vector' | 'scalar' | 'neither';
  /** The ways in which it can be asked as one with queries like it. */
  readonly groupings: readonly Grouping[];
}

/** Reads a query. What Prometheus would refuse is asked alone, so that nobody else is refused with it. */
export function shapeOf(query: string): Shape {
  const parsed = syntaxOf(query);
  const type = parsed.ok ? typeOf(parsed.value) : parsed;
  if (!parsed.ok || !type.ok) return { query, gives: 'neither', groupings: [] };
  if (type.value === 'scalar') return { query, gives: 'scalar', groupings: [] };
  if (type.value !== 'instant vector') return { query, gives: 'neither', groupings: [] };
  return { query, gives: 'vector', groupings: groupingsOf(parsed.value) };
}
