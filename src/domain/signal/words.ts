import { FAULTS } from '../fault.ts';
import type { Because } from '../k8s/conditions.ts';
import { keyOfSetting } from '../annotation/table.ts';
import type { Decision, Rung } from './ladder.ts';
import type { Policy } from './policy.ts';
import type { Told } from './told.ts';

// Conditions are written when their words change: none of these says how old something is, or quotes an answer.

const replicas = keyOfSetting('fallbackReplicas');

const FALLBACKS: Readonly<Record<Exclude<Rung, 'fresh'>, Because>> = {
  'last-good': {
    reason: 'LastGoodValue',
    message: `The last number that the query gave counts, as long as ${keyOfSetting('staleAfter')} lets it. Nothing scales down.`,
  },
  concurrency: {
    reason: 'Concurrency',
    message: 'The request concurrency measured at the pods counts. Nothing scales down.',
  },
  hold: { reason: 'Hold', message: 'The replicas stay as they are until the query gives a number again.' },
  floor: {
    reason: 'Floor',
    message: `The replicas are raised to ${replicas} until the query gives a number again. Nothing scales down.`,
  },
  replicas: {
    reason: 'FallbackReplicas',
    message: `The revision has the replicas of ${replicas} until the query gives a number again.`,
  },
  none: {
    reason: 'NoValue',
    message: 'No value is told to the autoscaler, which leaves the replicas as they are.',
  },
};

/** What the revision is scaled by instead of its query, for the condition FallbackActive; undefined while it is scaled by its query. */
export const insteadOf = (rung: Rung): Because | undefined =>
  rung === 'fresh' ? undefined : FALLBACKS[rung];

/** Why there is no fresh number, for the condition SignalAvailable; undefined while there is one. */
export function unavailable({ fault }: Pick<Decision, 'fault'>): Because | undefined {
  if (fault === undefined) return undefined;
  const { reason, doc } = FAULTS[fault];
  return { reason, message: doc };
}

/** The decision as an autoscaler is told it. */
export function toldOf({ value, at, fault = 'signal_unmeasured' }: Decision, { interval }: Policy): Told {
  if (value !== undefined) return { is: 'value', value, at, interval };
  const { reason, doc } = FAULTS[fault];
  return { is: 'nothing', reason, message: doc };
}
