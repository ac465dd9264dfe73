import type { Decision } from './decide.ts';
import type { Scaling } from './scaling.ts';

/** What moved a number of pods, and to what. */
export interface Moved {
  readonly by:
    | 'max-scale-up-rate'
    | 'max-scale-down-rate'
    | 'activation-scale'
    | 'panic'
    | 'scale-down-delay'
    | 'min-scale'
    | 'initial-scale'
    | 'max-scale'
    | 'scale-to-zero';
  readonly pods: number;
}

/** Which of the two windows a decision follows: the panic window's if there is a panic and it wants more. */
export const followsPanic = ({ memory, panicPods, stablePods }: Decision): boolean =>
  memory.panicAt !== undefined && panicPods > stablePods;

/** What the averages alone would have asked for, in the window that is followed. */
export const needsOf = (decision: Decision): number =>
  followsPanic(decision) ? decision.panicNeeds : decision.stableNeeds;

function moves(decision: Decision): readonly Moved[] {
  const { least, most, undelayed, pods } = decision;
  const needs = needsOf(decision);
  const limited = followsPanic(decision) ? decision.panicPods : decision.stablePods;
  const clamped = Math.min(Math.max(needs, least), most);
  const all: readonly (Moved | undefined)[] = [
    needs > most ? { by: 'max-scale-up-rate', pods: most } : undefined,
    needs < least ? { by: 'max-scale-down-rate', pods: least } : undefined,
    limited > clamped ? { by: 'activation-scale', pods: limited } : undefined,
    undelayed > limited ? { by: 'panic', pods: undelayed } : undefined,
    pods > undelayed ? { by: 'scale-down-delay', pods } : undefined,
  ];
  return all.filter((moved) => moved !== undefined);
}

/** Everything that moved the number, in the order in which it did; `scaling` is what became of the decision, if it went so far. */
export function limitsOf(decision: Decision, scaling?: Scaling): readonly Moved[] {
  if (scaling === undefined) return moves(decision);
  const { limited, replicas, zero } = scaling;
  return [
    ...moves(decision),
    ...(limited.by === undefined ? [] : [{ by: limited.by, pods: limited.pods }]),
    ...(zero === undefined || replicas === 0 ? [] : [{ by: 'scale-to-zero', pods: replicas ?? 0 } as const]),
  ];
}
