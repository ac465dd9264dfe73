import { beginConditions, markTrue, markUnknown, type ConditionSet } from '../k8s/conditions.ts';
import { conditionOf, type Condition } from '../k8s/read/condition.ts';
import { DEPENDENTS } from '../plan/start.ts';
import type { Instant } from '../time.ts';
import { desiredScaleAfter, withActivity } from './activity.ts';
import { activeThreshold } from './bounded.ts';
import { activatorsFor } from './burst.ts';
import type { Scaled } from './scaled.ts';
import { scalingOf, type NeedsProof, type Scaling } from './scaling.ts';
import { deciderSpec, metricSpec, type DeciderSpec, type MetricSpec, type SpecSource } from './spec.ts';
import type { DeciderStatus } from './ticks.ts';

/** The services of a revision, whoever keeps them. */
export interface Services {
  /** The revision's Service; empty: none yet. */
  readonly serviceName: string;
  /** The one behind which pods can be asked; empty: none yet. */
  readonly privateServiceName: string;
  readonly ready: boolean;
  /** Why they are not ready. */
  readonly message: string;
}

/** One picture of a revision that is scaled by concurrency or rps. */
export interface ScaleWorld {
  readonly at: Instant;
  readonly source: SpecSource & Pick<Scaled, 'progressDeadline'>;
  /** The status of the PodAutoscaler as it is stored. */
  readonly stored: {
    readonly conditions: readonly Condition[];
    /** Since when `Active` is what it is. */
    readonly activeSince: Instant;
    readonly serviceName: string;
    readonly desiredScale: number | undefined;
  };
  readonly services: Services;
  readonly proxy: Scaled['proxy'];
  readonly readyPods: number;
  readonly decider: DeciderStatus;
  /** What a probe of the activator found; undefined: none was made. */
  readonly inPath?: boolean | undefined;
}

/** What is to be done for it. */
export interface ScalePlan {
  /** Absent while the services are missing: nothing is measured, and nothing is scaled. */
  readonly measured?: {
    readonly spec: DeciderSpec;
    readonly metric: MetricSpec;
    readonly scaling: Scaling;
  };
  /** Whether requests are to go to the activator, and to how many of them. */
  readonly proxy: boolean;
  readonly activators: number;
  readonly status: {
    readonly conditions: readonly Condition[];
    readonly serviceName: string;
    readonly metricsServiceName: string;
    readonly desiredScale: number;
    readonly actualScale: number;
  };
}

const UNKNOWN = -1;
const FIRST_ACTIVATORS = 2;

function scaledOf({ source, stored, proxy }: ScaleWorld): Scaled {
  const active = conditionOf(stored.conditions, 'Active');
  return {
    ...source,
    active: active && { status: active.status, since: stored.activeSince },
    initialized: conditionOf(stored.conditions, 'ScaleTargetInitialized')?.status === 'True',
    proxy,
  };
}

/**
 * One reconcile of a revision that is scaled by what its pods carry (serving: pkg/reconciler/autoscaling/kpa/kpa.go): the scale, the place
 * of the activator, and the status. Where it depends on a probe that was not made, it asks for it.
 */
export function planScale(world: ScaleWorld): ScalePlan | NeedsProof {
  const { at, source, stored, services, decider } = world;
  const scaled = scaledOf(world);
  const begun = beginConditions(stored.conditions, DEPENDENTS, at);
  if (services.privateServiceName === '') return withoutServices(world, scaled, begun);

  const scaling = scalingOf(scaled, decider.desiredScale, at, world.inPath);
  if ('prove' in scaling) return scaling;
  const spec = deciderSpec(source);
  const marked = services.ready
    ? markTrue(begun, 'SKSReady')
    : markUnknown(begun, 'SKSReady', { reason: 'NotReady', message: services.message });
  const { want } = scaling;
  return {
    measured: {
      spec,
      metric: metricSpec(source.settings, source.config, services.privateServiceName),
      scaling,
    },
    proxy: !(want > 0 && decider.excessBurstCapacity >= 0),
    activators: activatorsFor(spec, world.readyPods),
    status: statusOf(world, activeThreshold(scaled), marked, {
      want,
      ready: world.readyPods,
      serviceName: services.serviceName,
    }),
  };
}

/** Everything begins with the services; until they are there, requests are for the activator. */
function withoutServices(world: ScaleWorld, scaled: Scaled, begun: ConditionSet): ScalePlan {
  const marked = markUnknown(begun, 'SKSReady', { reason: 'NotReady', message: 'No Private Service Name' });
  return {
    proxy: true,
    activators: FIRST_ACTIVATORS,
    status: statusOf(world, activeThreshold(scaled), marked, {
      want: UNKNOWN,
      ready: 0,
      serviceName: world.stored.serviceName,
    }),
  };
}

function statusOf(
  world: ScaleWorld,
  threshold: number,
  marked: ConditionSet,
  found: { readonly want: number; readonly ready: number; readonly serviceName: string },
): ScalePlan['status'] {
  return {
    conditions: withActivity(marked, { ...found, threshold }).current,
    serviceName: found.serviceName,
    metricsServiceName: world.services.privateServiceName,
    desiredScale: desiredScaleAfter(world.stored.desiredScale, found.want),
    actualScale: found.ready,
  };
}
