import { decisionDocument } from '../../src/domain/record/document.ts';
import { noted, type DecisionRecord, type Run } from '../../src/domain/record/record.ts';
import { revisionDecisionsSchema, type RevisionDecisions } from '../../src/domain/record/schema.ts';
import { rfc3339 } from '../../src/domain/rfc3339.ts';
import { after } from './signal.ts';

/** The runs that these decisions make, the newest first. */
export const runsOf = (records: readonly DecisionRecord[]): readonly Run[] =>
  records
    .reduce<readonly Run[]>((runs, record) => {
      const run = noted(runs.at(-1), record);
      return run.count === 1 ? [...runs, run] : [...runs.slice(0, -1), run];
    }, [])
    .toReversed();

/** What a replica tells of them so many seconds after `NOW`. */
export const decisionsOf = (
  records: readonly DecisionRecord[],
  at: number,
  changed: Partial<RevisionDecisions> = {},
): RevisionDecisions =>
  revisionDecisionsSchema.parse({
    apiVersion: 'hpa-bridge.dev/v1alpha1',
    kind: 'RevisionDecisions',
    at: rfc3339(after(at)),
    replica: { name: 'hpa-bridge-0_1', leads: true },
    revision: 'team/shop-00001',
    scaledBy: { signal: 'query', backend: 'hpa', problem: null },
    replicas: { wanted: 4, ready: 4 },
    decisions: runsOf(records).map(decisionDocument),
    autoscaler: null,
    conditions: [],
    ...changed,
  });
