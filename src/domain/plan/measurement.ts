import type { PrometheusServer } from '../config/prometheus-servers.ts';
import { serverOf } from '../prometheus/choose-server.ts';
import type { Policy } from '../signal/policy.ts';
import type { ToldTarget } from '../signal/told.ts';
import { horizontalPodAutoscalerFor } from './hpa.ts';
import type { Bounds } from './intent.ts';
import { awaitsRevision, intentOf, type Intended } from './intent-of.ts';
import { policyOf } from './policy-of.ts';
import { scaledObjectFor } from './scaled-object.ts';
import { kedaAsksUs } from './keda-trigger.ts';
import { ms, seconds, type Ms } from '../time.ts';
import type { World } from './world.ts';

/** A revision without pods may be woken by its query: whoever waits then waits for the next answer. */
const AT_ZERO = seconds(2);

/** A query that we ask ourselves, and how its answers are judged. */
export interface Measurement {
  readonly server: PrometheusServer;
  /** PromQL with its templates filled in. */
  readonly query: string;
  readonly policy: Policy;
  readonly target: ToldTarget;
  readonly bounds: Bounds;
}

/** `unchanged`: what was measured before goes on, as what scales does. */
export type Measuring =
  { readonly is: 'nothing' | 'unchanged' } | { readonly is: 'query'; readonly measurement: Measurement };

/** Whether the autoscaler of the revision is told its value by us. */
export const asksUs = ({ backend, intent }: Intended): boolean =>
  backend === 'hpa' ? intent.signal.from === 'query' : backend === 'keda' && kedaAsksUs(intent);

/** What is to be measured for a revision. A mistake in an annotation, for which no scaler is built, ends nothing that works. */
export function measurementOf(world: World): Measuring {
  if (awaitsRevision(world)) return { is: 'unchanged' };
  const intended = intentOf(world);
  if (!intended.ok) return { is: 'unchanged' };
  const { intent, backend } = intended.value;
  const { signal, settings, config } = intent;
  if (!asksUs(intended.value) || signal.from !== 'query') return { is: 'nothing' };
  const built = backend === 'keda' ? scaledObjectFor(intent) : horizontalPodAutoscalerFor(intent);
  const server = serverOf(settings, config);
  if (!built.ok || !server.ok) return { is: 'unchanged' };
  const policy = policyOf(settings, config, server.value);
  const measurement: Measurement = {
    server: server.value,
    query: signal.query,
    policy: { ...policy, interval: intervalOf(world, policy) },
    target: {
      target: signal.target,
      metricType: settings.metricType === 'Value' ? 'Value' : 'AverageValue',
      ...(settings.activationThreshold === undefined
        ? {}
        : { activationThreshold: settings.activationThreshold }),
    },
    bounds: intent.bounds,
  };
  return { is: 'query', measurement };
}

const intervalOf = ({ deployment }: World, { interval }: Policy): Ms =>
  deployment?.spec.replicas === 0 ? ms(Math.min(interval, AT_ZERO)) : interval;
