import type { Nanos } from '../go/duration.ts';

/** The part of `config-deployment` that concerns scaling. */
export interface DeploymentConfig {
  readonly progressDeadline: Nanos;
}
