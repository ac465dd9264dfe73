import { arithmeticOf } from '../scale/arithmetic.ts';
import { hpaCount } from './hpa-count.ts';
import { SAID } from './limit.ts';
import { podsOf } from './numbers.ts';
import type { QueryRecord } from './query-record.ts';
import type { DecisionRecord } from './record.ts';
import { divisionOf } from './sentence.ts';

/** One step of the arithmetic, and the number that it gives. */
export interface Step {
  readonly says: string;
  readonly gives: number;
}

/** The arithmetic of a decision, in order. That of a query ends with the pods that are asked for. */
export const stepsOf = (record: DecisionRecord): readonly Step[] =>
  record.signal === 'query'
    ? queryStepsOf(record)
    : arithmeticOf(record.scale).map(({ what, how, is }) =>
        step(what === how ? what : `${what}: ${how}`, is),
      );

const step = (says: string, gives: number): Step => ({ says, gives });

function queryStepsOf(record: QueryRecord): readonly Step[] {
  const { number, decision, target, scale, limits } = record;
  const { value } = decision;
  if (value === undefined) return [];
  const { quotient, exact } = hpaCount(value, target, scale);
  const now = podsOf(scale.replicas ?? 0);
  return [
    ...(number === undefined
      ? [
          step(
            decision.rung === 'hold' ? `the value that keeps ${now}` : 'the value that stands for it',
            value,
          ),
        ]
      : [step(decision.rung === 'fresh' ? 'the query says' : 'the query said last', number)]),
    ...(number === undefined || number === value ? [] : [step(raisedTo(value, now), value)]),
    step(divisionOf({ ...record, number: value }), quotient),
    step(target.metricType === 'Value' ? `for ${podsOf(scale.readyPods)}, rounded up` : 'rounded up', exact),
    ...limits
      .filter(({ by }) => by !== 'window' && by !== 'evidence')
      .map(({ by, to }) => step(SAID[by](to), to)),
  ];
}

const raisedTo = (value: number, now: string): string =>
  value === 0 ? 'a negative number counts as 0' : `raised to what keeps ${now}`;
