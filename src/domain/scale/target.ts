import { resolvedUtilization } from '../annotation/resolve.ts';
import type { Settings } from '../annotation/settings.ts';
import type { AutoscalerConfig } from '../config/autoscaler.ts';
import { max, min } from '../go/math.ts';

/** What one pod should carry. */
export interface MetricTarget {
  /** On average: `total * utilization`, at least 0.01. */
  readonly target: number;
  /** At most. */
  readonly total: number;
  readonly utilization: number;
  /** Where the total comes from. */
  readonly from: 'target' | 'containerConcurrency' | 'config-autoscaler';
}

const LEAST_TARGET = 0.01;

/**
 * The target of concurrency or rps (serving: pkg/reconciler/autoscaling/resources/target.go). Metrics of other names count as concurrency;
 * only for the very name `concurrency` does containerConcurrency (0: none) bound the annotation. Operations in upstream's order: the
 * quotient by a target is rounded up, and its last bit decides.
 */
export function metricTarget(
  settings: Settings,
  config: AutoscalerConfig,
  metric: string,
  containerConcurrency: number,
): MetricTarget {
  const usual = usualTarget(config, metric, containerConcurrency);
  const utilization = resolvedUtilization(settings) ?? usual.utilization;
  const { total, from } = totalOf(settings.target, usual, metric, containerConcurrency);
  return { target: max(LEAST_TARGET, total * utilization), total, utilization, from };
}

type Total = Pick<MetricTarget, 'total' | 'from'>;

function usualTarget(
  config: AutoscalerConfig,
  metric: string,
  containerConcurrency: number,
): Total & Pick<MetricTarget, 'utilization'> {
  if (metric === 'rps')
    return {
      total: config.rpsTargetDefault,
      utilization: config.targetUtilization,
      from: 'config-autoscaler',
    };
  const utilization = config.containerConcurrencyTargetFraction;
  return containerConcurrency === 0
    ? { total: config.containerConcurrencyTargetDefault, utilization, from: 'config-autoscaler' }
    : { total: containerConcurrency, utilization, from: 'containerConcurrency' };
}

function totalOf(
  asked: number | undefined,
  usual: Total,
  metric: string,
  containerConcurrency: number,
): Total {
  if (asked === undefined) return usual;
  if (metric !== 'concurrency' || containerConcurrency === 0) return { total: asked, from: 'target' };
  return asked > containerConcurrency
    ? { total: containerConcurrency, from: 'containerConcurrency' }
    : { total: min(asked, containerConcurrency), from: 'target' };
}
