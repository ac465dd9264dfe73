import { isWholeSeconds, nanos, parseDuration, SECOND, type Nanos } from '../go/duration.ts';
import { err, ok, type Result } from '../result.ts';
import { shown } from '../shown.ts';

/** The part of `config-deployment` that concerns scaling. */
export interface DeploymentConfig {
  /** Positive, in whole seconds. */
  readonly progressDeadline: Nanos;
}

export const DEPLOYMENT_DEFAULTS: DeploymentConfig = { progressDeadline: nanos(600n * SECOND) };

/** The keys of config-deployment that we read, for documentation. The alias is an older spelling. */
export const DEPLOYMENT_KEYS = {
  progressDeadline: {
    key: 'progress-deadline',
    alias: 'progressDeadline',
    fallback: '600s',
    doc: 'How long a Deployment may take to start its first pods. Above 0, whole seconds.',
  },
} as const;

/** Reads the data of config-deployment; everything but the progress deadline is other controllers' business. The error is one sentence. */
export function parseDeploymentConfig(
  data: Readonly<Record<string, string>>,
): Result<DeploymentConfig, string> {
  const row = DEPLOYMENT_KEYS.progressDeadline;
  const key = [row.key, row.alias].find((spelling) => Object.hasOwn(data, spelling)) ?? row.key;
  const text = data[key] ?? row.fallback;
  const deadline = parseDuration(text);
  if (!deadline.ok || deadline.value <= 0n || !isWholeSeconds(deadline.value))
    return err(`${key} is ${shown(text)}: expected a duration above 0 in whole seconds, for example 600s.`);
  return ok({ progressDeadline: deadline.value });
}
