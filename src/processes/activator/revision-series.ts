import type { Key } from '../../domain/key.ts';
import type { Sample, SamplesOfRevision } from '../../domain/revision-metrics/samples.ts';
import type { HeldRevisionMetric } from '../../domain/revision-metrics/table.ts';
import type { Starts } from './cold-starts.ts';

export type HeldRevision = SamplesOfRevision<HeldRevisionMetric>;

const sample = (name: HeldRevisionMetric, value: number): Sample<HeldRevisionMetric> => ({
  name,
  labels: {},
  value,
});

/** The series of each revision that has requests here or was started here, looked at when it is its turn. */
export function* heldRevisions(
  flows: ReadonlyMap<Key, { readonly inFlight: number; readonly waiting: number }>,
  started: ReadonlyMap<Key, Starts>,
): Iterable<HeldRevision> {
  for (const key of new Set([...flows.keys(), ...started.keys()])) {
    const [flow, starts] = [flows.get(key), started.get(key)];
    yield {
      key,
      samples: [
        ...(flow === undefined
          ? []
          : [
              sample('hpa_bridge_activator_revision_in_flight', flow.inFlight),
              sample('hpa_bridge_activator_revision_waiting', flow.waiting),
            ]),
        ...(starts === undefined
          ? []
          : [
              sample('hpa_bridge_activator_revision_cold_starts_total', starts.count),
              sample('hpa_bridge_activator_revision_cold_start_seconds_total', starts.took / 1000),
            ]),
      ],
    };
  }
}
