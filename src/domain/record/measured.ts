import { ageOf, finite, inSeconds } from './document.ts';
import { originOf } from '../scale/record.ts';
import type { DecisionRecord } from './record.ts';
import type { Measured } from './schema.ts';

/** What a decision goes by, in four fields: the number, its target, and how old it was. */
export function measuredOf(record: DecisionRecord): Measured {
  if (record.signal === 'query') {
    const { number, history, target } = record;
    return {
      value: number ?? null,
      target: finite(target.target),
      metricType: target.metricType,
      ageSeconds: number === undefined ? null : ageOf(record, history?.good?.receivedAt),
    };
  }
  const { seen, spec } = record.scale.decision;
  const origin = originOf(record.scale.decision);
  return {
    value: origin === undefined ? null : finite(seen.stable),
    target: finite(spec.target),
    metricType: 'AverageValue',
    ageSeconds: origin === undefined ? null : inSeconds(origin.age),
  };
}
