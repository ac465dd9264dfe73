import { rfc3339 } from '../rfc3339.ts';
import { originOf } from '../scale/record.ts';
import { since, type Instant, type Ms } from '../time.ts';
import { withoutSecrets } from '../without-secrets.ts';
import type { ConcurrencyRecord } from './concurrency-record.ts';
import type { AnswerSeen, QueryRecord } from './query-record.ts';
import type { DecisionRecord, Run } from './record.ts';
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
    ...(record.signal === 'query' ? ofQuery(record) : ofConcurrency(record)),
    steps: stepsOf(record).map(({ says, gives }) => ({ says, gives: finite(gives) })),
    limits: record.limits.map(({ by, from, to }) => ({ by, from: finite(from), to: finite(to) })),
  };
}

export const inSeconds = (length: Ms): number => Math.round(length) / 1000;

export const ageOf = ({ at }: Pick<DecisionRecord, 'at'>, then: Instant | undefined): number | null =>
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

function ofConcurrency({ signal, from, scale }: ConcurrencyRecord): Own {
  const { decision } = scale;
  const { stable, panic, ready } = decision.seen;
  const origin = originOf(decision);
  const measured = (name: string, value: number): Input => ({
    name,
    value: finite(value),
    ageSeconds: origin === undefined ? null : inSeconds(origin.age),
    origin: origin?.from === 'proxies' ? 'activators' : 'queue-proxies of the pods',
  });
  return {
    signal,
    rung: 'concurrency',
    fault: null,
    detail: null,
    asked: null,
    answer: null,
    inputs: [
      measured('stable', stable),
      measured('panic', panic),
      cached('ready pods', ready, 'pods'),
      cached('replicas', from, 'Deployment'),
    ],
    told: null,
  };
}

/** Annotations set past Knative's admission give numbers that JSON does not have. */
export const finite = (number: number): number | null => (Number.isFinite(number) ? number : null);
