import { msOf } from '../go/duration.ts';
import { hpaCount } from './hpa-count.ts';
import { LIMITS, type LimitName } from './limit.ts';
import { brief, podsOf } from './numbers.ts';
import type { QueryRecord } from './query-record.ts';
import type { DecisionRecord } from './record.ts';
import { averageThatCounts, type ScaleRecord } from './scale-record.ts';
import { divisionOf } from './sentence.ts';

/** One step of the arithmetic, and the number that it gives. */
export interface Step {
  readonly says: string;
  readonly gives: number;
}

/** The arithmetic of a decision, in order; the last step gives the pods, where any are asked for. */
export const stepsOf = (record: DecisionRecord): readonly Step[] =>
  record.signal === 'query' ? queryStepsOf(record) : scaleStepsOf(record);

const step = (says: string, gives: number): Step => ({ says, gives });

const afterLimits = (
  { limits }: Pick<DecisionRecord, 'limits'>,
  said: readonly LimitName[] = [],
): readonly Step[] =>
  limits.filter(({ by }) => !said.includes(by)).map(({ by, to }) => step(LIMITS[by].said(to), to));

function queryStepsOf(record: QueryRecord): readonly Step[] {
  const { number, decision, target, scale } = record;
  const { value } = decision;
  if (value === undefined) return number === undefined ? [] : [step('the query says', number)];
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
      : [step('the query says', number)]),
    ...(number === undefined || number === value ? [] : [step(raisedTo(value, now), value)]),
    step(divisionOf({ ...record, number: value }), quotient),
    step(target.metricType === 'Value' ? `for ${podsOf(scale.readyPods)}, rounded up` : 'rounded up', exact),
    ...afterLimits(record, ['window', 'evidence']),
  ];
}

const raisedTo = (value: number, now: string): string =>
  value === 0 ? 'a negative number counts as 0' : `raised to what keeps ${now}`;

function scaleStepsOf(record: ScaleRecord): readonly Step[] {
  const { spec, seen, stableNeeds, panicNeeds, isPanic } = record;
  const ready = Math.max(1, seen.ready);
  const { over, needs } = averageThatCounts(record, isPanic);
  const unit = record.signal === 'rps' ? 'requests per second' : 'in flight';
  const share = (average: number, window: string): Step =>
    step(
      `${brief(average)} ${unit} over ${window} / target ${brief(spec.target)} per pod`,
      average / spec.target,
    );
  return [
    share(seen.stable, `${brief(msOf(spec.stableWindow) / 1000)} s`),
    step('rounded up', stableNeeds),
    share(seen.panic, 'the panic window'),
    step('rounded up', panicNeeds),
    step(
      `by ${podsOf(ready)} ready; from ${brief(spec.panicThreshold)} on it is a panic`,
      panicNeeds / ready,
    ),
    step(`the average over the ${over} window counts`, needs),
    ...afterLimits(record),
  ];
}
