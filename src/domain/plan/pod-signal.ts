import type { Settings } from '../annotation/settings.ts';
import { msOf, nanos, SECOND } from '../go/duration.ts';
import { SCRAPE_INTERVAL } from '../scale/collection.ts';
import type { Reach } from '../scale/scrape-route.ts';
import { deciderSpec, metricSpec, type DeciderSpec, type MetricSpec } from '../scale/spec.ts';
import type { Ms } from '../time.ts';
import { awaitsRevision, intentOf, type Intended } from './intent-of.ts';
import { measurementOf } from './measurement.ts';
import { fallbackOf } from './policy-of.ts';
import { metricsServiceNameOf } from './start.ts';
import type { World } from './world.ts';

/** What is measured at the pods of a revision, and how it is decided upon. */
export interface PodSignal extends Pick<Reach, 'mesh' | 'passthrough'> {
  /** `scale`: the revision is scaled by it, by whoever leads. `standby`: it counts while the query gives no number. */
  readonly use: 'scale' | 'standby';
  readonly metric: MetricSpec;
  readonly decider: DeciderSpec;
  /** How often pods are asked while nothing is wrong. */
  readonly interval: Ms;
}

/** `unchanged`: what was measured before goes on, as what scales does. */
export type PodMeasuring =
  { readonly is: 'nothing' | 'unchanged' } | { readonly is: 'pods'; readonly signal: PodSignal };

const STANDBY = nanos(5n * SECOND);

/** Whether the revision is scaled by what its pods carry. */
export const isScaledByPods = ({ intent: { signal } }: Intended): boolean =>
  signal.from === 'concurrency' || signal.from === 'rps';

/** What is to be measured at the pods. A mistake in an annotation ends nothing that works. */
export function podSignalOf(world: World): PodMeasuring {
  if (awaitsRevision(world)) return { is: 'unchanged' };
  const intended = intentOf(world);
  if (!intended.ok) return { is: 'unchanged' };
  const { settings, signal } = intended.value.intent;
  if (signal.from === 'concurrency' || signal.from === 'rps')
    return measuredBy(world, settings, { use: 'scale', metric: signal.from, interval: SCRAPE_INTERVAL });
  const measuring = measurementOf(world);
  if (measuring.is !== 'query') return measuring;
  const fallback = fallbackOf(settings, world.config.bridge);
  if (fallback !== 'auto' && fallback !== 'concurrency') return { is: 'nothing' };
  // The target of a query says nothing about requests.
  const own = { ...settings, target: undefined };
  const interval = msOf(settings.standbyScrape ?? STANDBY);
  return measuredBy(world, own, { use: 'standby', metric: 'concurrency', interval });
}

function measuredBy(
  world: World,
  settings: Settings,
  { metric, ...how }: Pick<PodSignal, 'use' | 'interval'> & { readonly metric: 'concurrency' | 'rps' },
): PodMeasuring {
  const service = metricsServiceNameOf(world);
  if (service === '') return { is: 'nothing' };
  const { autoscaler: config, network } = world.config;
  const { containerConcurrency, reachability } = world.pa.spec;
  return {
    is: 'pods',
    signal: {
      ...how,
      // Nobody but the pods counts requests here: they are asked even where all of them are to go through an activator.
      metric: { ...metricSpec(settings, config, service), scrapeTarget: service },
      mesh: network.mesh,
      passthrough: network.podAddressability,
      decider: deciderSpec({ settings, config, metric, containerConcurrency, reachability }),
    },
  };
}
