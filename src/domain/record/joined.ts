import type { JsonObject } from '../json.ts';
import type { HorizontalPodAutoscaler } from '../k8s/read/children.ts';
import type { Condition } from '../k8s/read/condition.ts';
import { asksUs } from '../plan/measurement.ts';
import { awaitsRevision, intentOf, type Intended } from '../plan/intent-of.ts';
import type { Signal } from '../plan/intent.ts';
import { scalingOf } from '../plan/plan.ts';
import { objectIn } from '../plan/scaled-object-override.ts';
import { sentences } from '../plan/status.ts';
import type { World } from '../plan/world.ts';
import type { RevisionDecisions } from './schema.ts';

type ScaledBy = RevisionDecisions['scaledBy'];
type Autoscaler = NonNullable<RevisionDecisions['autoscaler']>;

/** What a revision scales by and who scales it, and why we decide nothing about it, where we do not. */
export function scaledBy(world: World, isDecided: boolean): ScaledBy {
  if (awaitsRevision(world))
    return { signal: 'invalid', backend: 'none', problem: 'Its Revision has not been seen yet.' };
  const intended = intentOf(world);
  if (!intended.ok) {
    const refused = sentences(intended.error.filter(({ effect }) => effect === 'refused'));
    const before = isDecided ? ' What was in force before goes on.' : '';
    return { signal: 'invalid', backend: 'none', problem: `${refused}${before}` };
  }
  return { ...scalingOf(intended.value), problem: isDecided ? null : whyUndecided(intended.value) };
}

const NOT_YET =
  'What its pods carry decides. The leader alone asks them, and they have not told it anything yet.';

const ELSEWHERE: Readonly<Record<Exclude<Signal['from'], 'query'>, string>> = {
  resource: 'Its HPA measures cpu or memory itself, and says in its status what it makes of that.',
  triggers: 'Its triggers are KEDA’s alone, and so is what is made of them.',
  concurrency: NOT_YET,
  rps: NOT_YET,
};

function whyUndecided(intended: Intended): string {
  const { signal } = intended.intent;
  if (signal.from !== 'query') return ELSEWHERE[signal.from];
  if (asksUs(intended)) return 'Its query has not been looked at yet.';
  return 'KEDA asks Prometheus itself: its ScaledObject, and the HPA of that, say what is made of it.';
}

/** What an HPA made of what it was told. */
export function autoscalerOf({ metadata, spec, status }: HorizontalPodAutoscaler): Autoscaler {
  const { minReplicas, maxReplicas } = spec;
  return {
    name: metadata.name,
    minReplicas: typeof minReplicas === 'number' ? minReplicas : null,
    maxReplicas: typeof maxReplicas === 'number' ? maxReplicas : null,
    currentReplicas: status.currentReplicas,
    desiredReplicas: status.desiredReplicas,
    metrics: status.currentMetrics.flatMap(metricOf),
    conditions: status.conditions.map(shortCondition),
  };
}

/** `external: {metric: {name}, current: {averageValue}}` and its like, whatever the type is called. */
function metricOf(metric: JsonObject): Autoscaler['metrics'] {
  const { type } = metric;
  const of = typeof type !== 'string' ? {} : objectIn(metric, type.charAt(0).toLowerCase() + type.slice(1));
  const name = of['name'] ?? objectIn(of, 'metric')['name'];
  const { averageValue, value, averageUtilization } = objectIn(of, 'current');
  const current =
    typeof averageUtilization === 'number' ? `${averageUtilization} %` : (averageValue ?? value);
  return typeof name === 'string' && typeof current === 'string' ? [{ name, current }] : [];
}

/** A condition without its times. */
export const shortCondition = ({
  type,
  status,
  reason,
  message,
}: Condition): Autoscaler['conditions'][number] => ({
  type,
  status,
  ...(reason === undefined || reason === '' ? {} : { reason }),
  ...(message === undefined || message === '' ? {} : { message }),
});
