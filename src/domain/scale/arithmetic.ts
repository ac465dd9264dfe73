import { millis } from '../go/duration.ts';
import type { Decision } from './decide.ts';
import { limitsOf, type Moved } from './limits.ts';
import type { ScaleRecord } from './record.ts';

/** One operation of a decision, as it can be computed again by hand. */
export interface ArithmeticStep {
  readonly what: string;
  /** With the numbers as they went in, unrounded. */
  readonly how: string;
  readonly is: number;
}

/** The limits as steps: what each made of the number. */
const limitSteps = (moved: readonly Moved[]): readonly ArithmeticStep[] =>
  moved.map(({ by, pods }) => ({ what: by, how: by === 'panic' ? 'the most of this panic' : by, is: pods }));

function panicSteps({ panicNeeds, seen, spec, overThreshold, memory }: Decision): readonly ArithmeticStep[] {
  const ready = Math.max(1, seen.ready);
  const compared = `${panicNeeds} / ${ready} ${overThreshold ? '>=' : '<'} ${spec.panicThreshold}`;
  return [
    {
      what: memory.panicAt === undefined ? 'no panic' : 'panic',
      how:
        memory.panicAt === undefined || overThreshold
          ? compared
          : `${compared}, but not for longer than ${millis(spec.stableWindow) / 1000} s yet`,
      is: panicNeeds / ready,
    },
  ];
}

function burstStep({ seen, spec, excessBurst }: Decision): ArithmeticStep {
  const how =
    spec.targetBurstCapacity > 0
      ? `floor(${seen.ready} * ${spec.total} - ${spec.targetBurstCapacity} - ${seen.panic})`
      : `target-burst-capacity ${spec.targetBurstCapacity}`;
  return { what: 'excess burst capacity', how, is: excessBurst };
}

/** Every operation that led from what was measured to the replicas, in order. Made when it is asked for: a decision keeps only numbers. */
export function arithmeticOf({ decision, scaling }: ScaleRecord): readonly ArithmeticStep[] {
  const { spec, seen, stableNeeds, panicNeeds } = decision;
  return [
    { what: 'target per pod', how: `max(0.01, ${spec.total} * ${spec.utilization})`, is: spec.target },
    {
      what: 'pods for the stable window',
      how: `ceil(${seen.stable} / ${spec.target})`,
      is: stableNeeds,
    },
    { what: 'pods for the panic window', how: `ceil(${seen.panic} / ${spec.target})`, is: panicNeeds },
    ...panicSteps(decision),
    ...limitSteps(limitsOf(decision, scaling)),
    { what: 'pods', how: scaling.zero ?? 'the result', is: scaling.want },
    burstStep(decision),
  ];
}
