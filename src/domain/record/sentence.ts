import { FAULTS, type FaultCode } from '../fault.ts';
import { sentenceOfScale } from '../scale/sentence.ts';
import type { Rung } from '../signal/ladder.ts';
import { keyOfSetting } from '../annotation/table.ts';
import { SAID } from './limit.ts';
import { brief, podsOf } from './numbers.ts';
import type { QueryRecord } from './query-record.ts';
import type { Run } from './record.ts';

/** A decision in one plain sentence, without a full stop: `3 -> 5: 47.2 / target 10 per pod, fresh, capped by max-scale 5`. */
export function sentenceOf({ record, from }: Pick<Run, 'record' | 'from'>): string {
  if (record.signal !== 'query') return sentenceOfScale({ ...record.scale, from: from ?? record.from });
  return `${moveOf(from, record)}: ${reasonsOf(record).join(', ')}`;
}

function moveOf(from: number | undefined, { pods }: QueryRecord): string {
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

function reasonsOf(record: QueryRecord): readonly string[] {
  const { rung, fault } = record.decision;
  const why = fault === undefined ? [] : [becauseOf(fault)];
  if (rung !== 'fresh' && rung !== 'last-good') return [INSTEAD[rung], ...limitsSaid(record), ...why];
  const evidence = rung === 'fresh' ? 'fresh' : 'the last good number';
  return [divisionOf(record), evidence, ...limitsSaid(record), ...why];
}

const limitsSaid = ({ limits }: QueryRecord): readonly string[] => limits.map(({ by, to }) => SAID[by](to));

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
