import { rfc3339 } from '../rfc3339.ts';
import { since, type Instant, type Ms } from '../time.ts';
import { withoutSecrets } from '../without-secrets.ts';
import { LIMITS } from './limit.ts';
import type { AnswerSeen, QueryRecord } from './query-record.ts';
import type { DecisionRecord, Run } from './record.ts';
import type { ScaleRecord } from './scale-record.ts';
import type { DecisionDocument } from './schema.ts';
import { sentenceOf } from './sentence.ts';
import { stepsOf } from './steps.ts';

type Own = Pick<
  DecisionDocument,
  'signal' | 'rung' | 'fault' | 'detail' | 'asked' | 'answer' | 'inputs' | 'told'
>;
type Input = DecisionDocument['inputs'][number];

/** A run of decisions as JSON; see `decisionSchema`. No secret is in it. */
export function decisionDocument(run: Run): DecisionDocument {
  const { record } = run;
  return {
    at: rfc3339(run.first),
    lastAt: rfc3339(run.last),
    count: run.count,
    sentence: sentenceOf(run),
    from: run.from ?? null,
    pods: record.pods ?? null,
    ...(record.signal === 'query' ? ofQuery(record) : ofScale(record)),
    steps: [...stepsOf(record)],
    limits: record.limits.map((limit) => ({ ...limit, says: LIMITS[limit.by].said(limit.to) })),
  };
}

const inSeconds = (length: Ms): number => Math.round(length) / 1000;

const ageOf = ({ at }: Pick<DecisionRecord, 'at'>, then: Instant | undefined): number | null =>
  then === undefined ? null : inSeconds(since(then, at));

const cached = (name: string, value: number | undefined, origin: string): Input => ({
  name,
  value: value ?? null,
  ageSeconds: null,
  origin,
});

function ofQuery(record: QueryRecord): Own {
  const { measurement, answer, history, number, decision, target, scale } = record;
  const { query, server, policy } = measurement;
  return {
    signal: 'query',
    rung: decision.rung,
    fault: decision.fault ?? null,
    detail: decision.detail === undefined ? null : withoutSecrets(decision.detail),
    asked: {
      query: withoutSecrets(query),
      server: { name: server.name, address: withoutSecrets(server.address) },
      intervalSeconds: inSeconds(policy.interval),
      staleAfterSeconds: inSeconds(policy.staleAfter),
      windowSeconds: inSeconds(policy.window),
    },
    answer: answer === undefined ? null : answerDocument(answer),
    inputs: [
      {
        name: 'query',
        value: number ?? null,
        ageSeconds: number === undefined ? null : ageOf(record, history?.good?.receivedAt),
        origin: `Prometheus server ${server.name}`,
      },
      cached('replicas', scale.replicas, 'Deployment'),
      cached('ready pods', scale.readyPods, 'pods'),
    ],
    told: { value: decision.value ?? null, ...target, mayLower: decision.mayLower },
  };
}

const answerDocument = ({ outcome, number, at, receivedAt, obtained, notes }: AnswerSeen): Own['answer'] => ({
  outcome,
  number: number ?? null,
  evaluatedAt: at === undefined ? null : rfc3339(at),
  receivedAt: rfc3339(receivedAt),
  obtained,
  notes: notes.map(withoutSecrets),
});

function ofScale(record: ScaleRecord): Own {
  const { seen, scale } = record;
  const measured = (name: 'stable' | 'panic'): Input => ({
    name,
    value: seen[name],
    ageSeconds: ageOf(record, newest(seen.scrapedAt, seen.pushedAt)),
    origin: originOf(seen),
  });
  return {
    signal: record.signal,
    rung: 'concurrency',
    fault: null,
    detail: null,
    asked: null,
    answer: null,
    inputs: [
      measured('stable'),
      measured('panic'),
      cached('ready pods', seen.ready, 'pods'),
      cached('replicas', scale.replicas, 'Deployment'),
    ],
    told: null,
  };
}

const newest = (a: Instant | undefined, b: Instant | undefined): Instant | undefined =>
  a === undefined || (b !== undefined && b > a) ? b : a;

function originOf({ scrapedAt, pushedAt }: ScaleRecord['seen']): string {
  if (pushedAt === undefined) return 'queue-proxies of the pods';
  return scrapedAt === undefined ? 'activators' : 'queue-proxies of the pods, activators';
}
