import type { Found } from '../prometheus/answer.ts';
import type { PrometheusFault } from '../prometheus/faults.ts';

/** `either`: a query that is too much for the server looks like a server that fails. */
type Blame = 'nobody' | 'query' | 'server' | 'either';

/** Failures that are not, or may not be, of the server or of the way to it. */
const BLAMES: Readonly<Partial<Record<PrometheusFault, Blame>>> = {
  // One query can bring these over all that travel with it.
  prometheus_bad_data: 'query',
  prometheus_execution: 'query',
  prometheus_query_timeout: 'query',
  prometheus_too_large: 'query',
  prometheus_partial: 'query',
  prometheus_timeout: 'either',
  prometheus_canceled: 'either',
  prometheus_failed: 'either',
  prometheus_reset: 'either',
  prometheus_truncated: 'either',
  // These are values of the only query that was asked.
  prometheus_string: 'nobody',
  prometheus_matrix: 'nobody',
  prometheus_nan: 'nobody',
  prometheus_infinite: 'nobody',
};

/** Who is to blame for a whole answer: nobody, one of the queries in its request, the server, or who knows. */
export function blameOf({ is }: Found): Blame {
  if (is === 'series' || is === 'scalar' || is === 'vector') return 'nobody';
  return BLAMES[is] ?? 'server';
}
