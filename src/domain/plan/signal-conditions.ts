import type { BridgeEvent } from '../event.ts';
import type { Because } from '../k8s/conditions.ts';
import type { ScaledObject } from '../k8s/read/children.ts';
import { conditionOf, type Condition } from '../k8s/read/condition.ts';
import { FAULTS } from '../fault.ts';
import { insteadOf, unavailable } from '../signal/words.ts';
import { fallbackActive, signalBack, signalLost } from './events.ts';
import { notServing } from './external-metrics.ts';
import type { Intended } from './intent-of.ts';
import { asksUs } from './measurement.ts';
import { ownershipOf } from './ownership.ts';
import { isScaledByPods } from './pod-signal.ts';
import { faultOfProblem, sentenceOfProblem } from '../scale/scrape-problem.ts';
import { sleepsBehindKnative, wakersOf } from '../zero/keeper.ts';
import type { World } from './world.ts';

/** The conditions of our own that say how it stands with the query. `Ready` does not depend on them. */
export const SIGNAL_AVAILABLE = 'SignalAvailable';
export const FALLBACK_ACTIVE = 'FallbackActive';
export const SIGNAL_CONDITIONS = [SIGNAL_AVAILABLE, FALLBACK_ACTIVE] as const;

/** Says of a revision that may go to zero whether anybody could wake it. */
const ACTIVATOR_AVAILABLE = 'ActivatorAvailable';
/** All that is said beside the contract, but for mistakes. */
export const OWN_CONDITIONS = [...SIGNAL_CONDITIONS, ACTIVATOR_AVAILABLE] as const;

const NO_ACTIVATOR: Because = {
  reason: 'NoActivator',
  message: 'No pod of hpa-bridge-activator is ready. The revision keeps a pod, because nobody could wake it.',
};

export type OwnCondition = Omit<Condition, 'severity'>;

const UNHEARD = {
  reason: 'ActivatorsUnheard',
  message:
    'Not every activator of Knative tells what it holds. The revision keeps a pod, because nobody would see a request that waits: expected metrics-protocol in config-observability to be "prometheus".',
};

/** What is said of the query of a revision: what we found, or what KEDA says where KEDA asks. */
export const signalConditions = (world: World, intended: Intended): readonly OwnCondition[] => [
  ...ofSignal(world, intended),
  ...(intended.intent.sleeps ? [activatorCondition(world, intended)] : []),
];

function activatorCondition(world: World, { keeper }: Intended): OwnCondition {
  const type = ACTIVATOR_AVAILABLE;
  if (wakersOf(world, keeper).length > 0) return { type, status: 'True' };
  return { type, status: 'False', ...(sleepsBehindKnative(world) ? UNHEARD : NO_ACTIVATOR) };
}

function ofSignal(world: World, intended: Intended): readonly OwnCondition[] {
  if (isScaledByPods(intended)) return podConditions(world);
  if (!asksUs(intended)) return isAskedByKeda(intended) ? kedasConditions(world) : [];
  // KEDA asks us past that API, which is its own.
  const unserved = intended.backend === 'hpa' ? notServing(world.externalMetrics) : undefined;
  if (unserved !== undefined) return said(unserved, insteadOf('none'));
  const { measured } = world;
  // After a restart, what was said before holds until there is an answer.
  if (measured === undefined || measured.fault === 'signal_unmeasured') return asBefore(world);
  const lost = unavailable(measured) ?? (intended.backend === 'keda' ? lostByKeda(world) : undefined);
  return said(lost, insteadOf(measured.rung));
}

const said = (gone: Because | undefined, instead: Because | undefined): readonly OwnCondition[] => [
  { type: SIGNAL_AVAILABLE, status: gone === undefined ? 'True' : 'False', ...gone },
  { type: FALLBACK_ACTIVE, status: instead === undefined ? 'False' : 'True', ...instead },
];

/** What is said of the pods' own reports. No other signal takes their place. */
function podConditions({ pa, pods }: World): readonly OwnCondition[] {
  const type = SIGNAL_AVAILABLE;
  if (pods?.problem !== undefined) {
    const { reason, doc } = FAULTS[faultOfProblem(pods.problem)];
    return [{ type, status: 'False', reason, message: doc }];
  }
  if (pods !== undefined && pods.status.desiredScale !== -1) return [{ type, status: 'True' }];
  const { reason, doc } = FAULTS.pods_unmeasured;
  return [conditionOf(pa.status.conditions, type) ?? { type, status: 'Unknown', reason, message: doc }];
}

/** What was said before; Unknown where nothing was. */
function asBefore({ pa }: World): readonly OwnCondition[] {
  const { reason, doc } = FAULTS.signal_unmeasured;
  return SIGNAL_CONDITIONS.map(
    (type) => conditionOf(pa.status.conditions, type) ?? { type, status: 'Unknown', reason, message: doc },
  );
}

const isAskedByKeda = ({ backend, intent }: Intended): boolean =>
  backend === 'keda' && intent.signal.from === 'query';

const KEDAS_TROUBLE: Because = {
  reason: 'TriggerError',
  message:
    'KEDA gets no value of a trigger. The events of the ScaledObject and the log of keda-operator say why.',
};
const KEDAS_FALLBACK: Because = {
  reason: 'KedaFallback',
  message: 'KEDA scales by the fallback of the ScaledObject.',
};

const KEDAS_ERRORS: readonly (string | undefined)[] = ['TriggerError', 'PartialTriggerError'];

const NOT_REACHED: Because = {
  reason: 'TriggerError',
  message:
    'hpa-bridge has a value of the query, but KEDA gets none of a trigger. The log of keda-operator says why; it asks at keda-scaler-address of config-hpa-bridge.',
};

type KedasStatus = Pick<ScaledObject['status'], 'conditions' | 'health'>;

/** What KEDA says about its triggers. */
const kedasStatus = (world: World): KedasStatus | undefined =>
  ownershipOf(world, 'ScaledObject') === 'ours' ? world.scaledObject?.status : undefined;

/** KEDA has failed to get a value at its last look. */
export const kedaFails = ({ conditions }: KedasStatus): boolean =>
  KEDAS_ERRORS.includes(conditionOf(conditions, 'Ready')?.reason);

/** Why a value that we have does not scale anything. KEDA keeps the health of triggers only beside a fallback of its own. */
function lostByKeda(world: World): Because | undefined {
  const status = kedasStatus(world);
  return status !== undefined && kedaFails(status) ? NOT_REACHED : undefined;
}

/**
 * KEDA's conditions in our words (keda: pkg/scaling/executor/scale_scaledobjects.go, pkg/fallback/fallback.go). KEDA calls a ScaledObject
 * ready whenever it looks at its spec, whatever its triggers do: its health says more. What KEDA has not looked at yet stays as it was.
 */
function kedasConditions(world: World): readonly OwnCondition[] {
  const status = kedasStatus(world) ?? { conditions: [], health: {} };
  const { conditions, health } = status;
  const ready = conditionOf(conditions, 'Ready');
  const failing = Object.values(health).some((metric) => metric.status === 'Failing');
  const failed = failing || kedaFails(status);
  if (!failed && ready?.status !== 'True')
    return SIGNAL_CONDITIONS.flatMap((type) => conditionOf(world.pa.status.conditions, type) ?? []);
  const fallback = conditionOf(conditions, 'Fallback')?.status === 'True';
  return said(failed ? KEDAS_TROUBLE : undefined, fallback ? KEDAS_FALLBACK : undefined);
}

/** What a changed condition is worth saying; that there is a value, only after it was said that there was none. */
export function signalEvents(world: World, now: OwnCondition | undefined): readonly BridgeEvent[] {
  if (now === undefined) return [];
  const { pa } = world;
  const because = { reason: now.reason ?? '', message: now.message ?? '' };
  if (now.type === FALLBACK_ACTIVE) return now.status === 'True' ? [fallbackActive(pa, because)] : [];
  if (now.status === 'False') return [signalLost(pa, because, detailOf(world))];
  const before = conditionOf(pa.status.conditions, now.type);
  return now.status === 'True' && before?.status === 'False'
    ? [
        signalBack(
          pa,
          world.pods === undefined
            ? 'The query gives a number again.'
            : 'The pods tell their requests again.',
        ),
      ]
    : [];
}

/** What was answered just now, for people. */
const detailOf = ({ measured, pods }: World): string | undefined =>
  pods?.problem === undefined ? measured?.detail : sentenceOfProblem(pods.problem);
