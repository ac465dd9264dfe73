import { msOf } from '../go/duration.ts';
import { FAULTS, type FaultCode } from '../fault.ts';
import type { Rung } from '../signal/ladder.ts';
import { keyOfSetting } from '../annotation/table.ts';
import { LIMITS } from './limit.ts';
import { brief, percent, podsOf } from './numbers.ts';
import type { QueryRecord } from './query-record.ts';
import type { DecisionRecord, Run } from './record.ts';
import { averageThatCounts, type ScaleRecord } from './scale-record.ts';

/** A decision in one plain sentence, without a full stop: `3 -> 5: 47.2 / target 10 per pod, fresh, capped by max-scale 5`. */
export function sentenceOf({ record, from }: Pick<Run, 'record' | 'from'>): string {
  const limits = record.limits.map(({ by, to }) => LIMITS[by].said(to));
  const reasons = record.signal === 'query' ? queryReasons(record) : scaleReasons(record);
  return `${moveOf(from, record)}: ${[...reasons.because, ...limits, ...reasons.then].join(', ')}`;
}

interface Reasons {
  readonly because: readonly string[];
  /** After the limits. */
  readonly then: readonly string[];
}

function moveOf(from: number | undefined, { pods }: DecisionRecord): string {
  if (pods === undefined) return from === undefined ? 'no change' : `stays at ${from}`;
  if (from === undefined) return podsOf(pods);
  return from === pods ? `stays at ${pods}` : `${from} -> ${pods}`;
}

const INSTEAD: Readonly<Record<Exclude<Rung, 'fresh' | 'last-good'>, string>> = {
  concurrency: 'by the concurrency at the pods',
  hold: 'held',
  floor: `raised to ${keyOfSetting('fallbackReplicas')}`,
  replicas: `by ${keyOfSetting('fallbackReplicas')}`,
  none: 'no value is told',
};

function queryReasons(record: QueryRecord): Reasons {
  const { rung, fault } = record.decision;
  const then = fault === undefined ? [] : [becauseOf(fault)];
  if (rung !== 'fresh' && rung !== 'last-good') return { because: [INSTEAD[rung]], then };
  const evidence = rung === 'fresh' ? 'fresh' : 'the last good number';
  return { because: [divisionOf(record), evidence], then };
}

/** `47.2 / target 10 per pod` */
export function divisionOf({ number, decision, target, scale }: QueryRecord): string {
  const division = `${brief(number ?? decision.value ?? 0)} / target ${brief(target.target)}`;
  return target.metricType === 'Value'
    ? `${division} in all, of ${scale.readyPods} ready`
    : `${division} per pod`;
}

const MISSING: Readonly<Partial<Record<FaultCode, string>>> = {
  signal_unmeasured: 'the query has not been answered yet',
  signal_stale: 'the query is not answered any more',
  signal_replicas_unknown: 'it is not known how many replicas there are',
};

const becauseOf = (fault: FaultCode): string =>
  `because ${MISSING[fault] ?? 'the query gives no number'} (${FAULTS[fault].reason})`;

function scaleReasons(record: ScaleRecord): Reasons {
  const { spec, seen, isPanic } = record;
  const { over } = averageThatCounts(record, isPanic);
  const unit = record.signal === 'rps' ? 'requests per second' : 'in flight';
  const window = over === 'panic' ? 'the panic window' : `${brief(msOf(spec.stableWindow) / 1000)} s`;
  const share = spec.utilization === 1 ? '' : ` (${percent(spec.utilization)} of ${brief(spec.total)})`;
  const measured = `${brief(seen[over])} ${unit} over ${window}`;
  const target = `target ${brief(spec.target)} per pod${share}`;
  const then = record.zero === undefined ? [] : [record.zero.replaceAll('-', ' ')];
  return { because: [...(isPanic ? ['panic'] : []), measured, target], then };
}
