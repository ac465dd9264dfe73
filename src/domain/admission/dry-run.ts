import { keyOfSetting, presentKey } from '../annotation/table.ts';
import { intentOf } from '../plan/intent-of.ts';
import { questionOf, type PlannedQuestion } from '../plan/question.ts';
import { serverOf } from '../prometheus/choose-server.ts';
import { isNumber, type Reading } from '../prometheus/answer.ts';
import { meaningOf } from '../prometheus/desired-pods.ts';
import { numberOf } from '../prometheus/null-values.ts';
import type { AdmissionRequest } from './admission-review.ts';
import { askedOf, isNew, type Cluster } from './judge.ts';
import { templateOf } from './template.ts';
import { worldsOf } from './worlds.ts';

/** A query that somebody is about to apply, to be asked once before. */
export interface Trial extends PlannedQuestion {
  /** The annotation that it comes from, as the user wrote it. */
  readonly key: string;
  /** Whether it asks about the pods of the revision, which does not exist yet. */
  readonly ofItself: boolean;
}

/** The query that this request brings in, as it would be asked for its revision, tenancy included; undefined where there is none. */
export function trialOf(request: AdmissionRequest, cluster: Cluster): Trial | undefined {
  const { object } = request;
  if (cluster.config.bridge.queryDryRun === 'off' || object === undefined || !isNew(request, cluster))
    return undefined;
  const template = templateOf(object);
  const [world] = template === undefined ? [] : worldsOf(template, askedOf(cluster));
  if (template === undefined || world === undefined) return undefined;
  const intended = intentOf(world);
  if (!intended.ok) return undefined;
  const { intent } = intended.value;
  const server = serverOf(intent.settings, intent.config);
  if (intent.signal.from !== 'query' || !server.ok) return undefined;
  const question = questionOf(intent, intent.signal, server.value, 0);
  const setting = question.derived ? 'metric' : 'prometheusQuery';
  return {
    ...question,
    key: presentKey(template.annotations, setting) ?? keyOfSetting(setting),
    ofItself: question.query.includes(template.revision),
  };
}

/** What came of it, in one sentence: how many series it gives, and what scale that would mean. Undefined: nothing that is not to be expected. */
export function trialSentence(trial: Trial, reading: Reading): string | undefined {
  const { key, zeroFor, comparison, ofItself } = trial;
  if (ofItself && reading.is === 'prometheus_empty') return undefined;
  const value = numberOf(reading, zeroFor);
  if (value === undefined) return isNumber(reading) ? undefined : `Tried now, ${key}: ${reading.message}`;
  return `Tried now, ${key} gives ${KINDS[reading.is] ?? 'no number, which counts as 0'}: ${meaningOf(value, comparison)}.`;
}

const KINDS: Readonly<Partial<Record<Reading['is'], string>>> = { scalar: 'a scalar', vector: '1 series' };

/** The same where there was no time to wait for an answer. */
export const untriedSentence = ({ key, server }: Trial): string =>
  `${key} could not be tried: the server ${server.name} did not answer in time, which is no mistake of this object.`;
