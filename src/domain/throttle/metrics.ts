import type { Series } from '../series.ts';
import { COLD_START_PHASES } from './cold-start.ts';

/** From what a pod needs that starts at once to what nobody waits for any more. */
const WAITS = [0.05, 0.075, 0.1, 0.15, 0.25, 0.5, 1, 2, 5, 10, 20, 30, 60, 120] as const;
const CODES = ['1xx', '2xx', '3xx', '4xx', '5xx', 'none'] as const;
/** How a request ended that got no whole answer of a pod. */
export const UNSERVED = ['refused', 'timed out', 'failed', 'gone'] as const;
export type Unserved = (typeof UNSERVED)[number];

/** Series of the activator. */
export const ACTIVATOR_METRICS = {
  hpa_bridge_activator_requests_total: {
    type: 'counter',
    labels: ['code'],
    known: { code: CODES },
    doc: 'Requests for revisions that have ended at the activator, by class of the status code (`none`: the client was gone before there was one).',
  },
  hpa_bridge_activator_unserved_total: {
    type: 'counter',
    labels: ['ended'],
    known: { ended: UNSERVED },
    doc: 'Those of them that got no whole answer of a pod, by how they ended (`refused`: as many waited for the revision as may, `timed out`, `failed`: no pod took them, or it broke off, `gone`: the client did not wait).',
  },
  hpa_bridge_activator_in_flight: {
    type: 'gauge',
    labels: [],
    absentUntilSet: true,
    doc: 'Requests for revisions that the activator holds or forwards now.',
  },
  hpa_bridge_activator_waiting: {
    type: 'gauge',
    labels: [],
    absentUntilSet: true,
    doc: 'Those of them that wait for a pod.',
  },
  hpa_bridge_activator_held_seconds: {
    type: 'histogram',
    labels: [],
    buckets: WAITS,
    doc: 'How long requests waited until a pod took them, of those that waited for 1 ms or more.',
  },
  hpa_bridge_cold_start_seconds: {
    type: 'histogram',
    labels: ['phase'],
    buckets: WAITS,
    known: { phase: COLD_START_PHASES },
    doc: 'Time from the first request that found no pod until the revision was told to have some (`scaled`), there was one (`pod`), it had an address (`address`), it took requests (`serving`), its first answer began (`answered`).',
  },
  hpa_bridge_cold_start_objective_seconds: {
    type: 'gauge',
    labels: [],
    absentUntilSet: true,
    doc: 'What a start from zero should take at most until a pod takes requests, as the setting `--cold-start-objective` of activators says.',
  },
  hpa_bridge_wakes_total: {
    type: 'counter',
    labels: ['outcome'],
    known: { outcome: ['woken', 'conflict', 'failed'] },
    doc: 'Tries to wake a revision, by outcome (`woken`, `conflict`: it had changed in between, most often because another activator woke it, `failed`).',
  },
  hpa_bridge_activator_probes_total: {
    type: 'counter',
    labels: ['outcome'],
    known: { outcome: ['serves', 'no-connection', 'refused', 'like-mesh'] },
    doc: 'Times that a pod was asked whether it serves, by outcome (`serves`, `no-connection`: nobody listened, `refused`: another answer or none, `like-mesh`: 502 or 503).',
  },
  hpa_bridge_stat_links: {
    type: 'gauge',
    labels: [],
    absentUntilSet: true,
    doc: 'Controllers that the activator tells its requests.',
  },
} as const satisfies Record<string, Series>;
