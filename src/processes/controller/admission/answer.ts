import { admissionAnswer, readAdmissionReview } from '../../../domain/admission/admission-review.ts';
import { trialOf } from '../../../domain/admission/dry-run.ts';
import { judge, type Cluster } from '../../../domain/admission/judge.ts';
import { mutate } from '../../../domain/admission/mutate.ts';
import type { AdmissionRequest, Verdict } from '../../../domain/admission/admission-review.ts';
import { WEBHOOK_PATHS } from '../../../domain/admission/webhooks.ts';
import { msOf, parseDuration } from '../../../domain/go/duration.ts';
import { ms, seconds, type Ms } from '../../../domain/time.ts';
import type { Clock } from '../../../ports/clock.ts';
import type { Log } from '../../../ports/log.ts';
import type { Telemetry } from '../../../ports/telemetry.ts';
import type { TlsAnswer, TlsRequest } from '../../../ports/tls-server.ts';
import { queryTrier, type TryQueryParts } from './try-query.ts';

export interface AnswererParts extends TryQueryParts {
  /** Undefined until the cluster is known. */
  readonly cluster: () => Cluster | undefined;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
  readonly log: Log;
}

/** What is posted where. Putting in comes before judging: the API server sees to that. */
const VERDICTS: ReadonlyMap<string, (request: AdmissionRequest, cluster: Cluster) => Verdict> = new Map([
  [WEBHOOK_PATHS.ValidatingWebhookConfiguration, judge],
  [
    WEBHOOK_PATHS.MutatingWebhookConfiguration,
    (request: AdmissionRequest, { config }: Cluster) => mutate(request, config),
  ],
]);

interface Answered {
  readonly outcome: 'allowed' | 'changed' | 'warned' | 'refused' | 'failed';
  readonly answer: TlsAnswer;
}

/**
 * Answers the reviews of the API server, from memory, but for the query of a new object, which is asked once. Never rejects: what cannot be
 * judged is an HTTP error, and the webhook's failurePolicy says what becomes of the object then.
 */
export function admissionAnswerer(parts: AnswererParts): (request: TlsRequest) => Promise<TlsAnswer> {
  const tried = queryTrier(parts);
  return async (request) => {
    const begun = parts.clock.monotonic();
    const { outcome, answer } = await answered(parts, tried, request);
    const took = (parts.clock.monotonic() - begun) / 1000;
    parts.telemetry.observe('hpa_bridge_admission_review_seconds', { outcome }, took);
    return answer;
  };
}

type Tried = ReturnType<typeof queryTrier>;

async function answered(parts: AnswererParts, tried: Tried, request: TlsRequest): Promise<Answered> {
  try {
    return await reviewed(parts, tried, request);
  } catch (cause) {
    parts.log.error('an object could not be judged', { cause });
    return failed(500, 'hpa-bridge made a mistake; its log says which.');
  }
}

async function reviewed(
  { cluster, log }: AnswererParts,
  tried: Tried,
  { method, url, body }: TlsRequest,
): Promise<Answered> {
  const [path = ''] = url.split('?', 1);
  const verdictOn = VERDICTS.get(path);
  if (verdictOn === undefined || method !== 'POST')
    return failed(404, `Nothing is here: expected POST ${[...VERDICTS.keys()].join(' or ')}.`);
  const known = cluster();
  if (known === undefined) return failed(503, 'The configuration of the cluster is not known yet.');
  const review = readAdmissionReview(body);
  if (!review.ok) return failed(400, review.error);
  const judged = verdictOn(review.value, known);
  const trial =
    path === WEBHOOK_PATHS.ValidatingWebhookConfiguration && judged.refusals.length === 0
      ? trialOf(review.value, known)
      : undefined;
  const said = trial === undefined ? undefined : await tried(trial, budgetOf(url));
  const verdict = said === undefined ? judged : { ...judged, warnings: [...judged.warnings, said] };
  const outcome = outcomeOf(verdict);
  if (outcome === 'refused') log.debug('object refused', { detail: verdict.refusals.join(' ') });
  const text = `${JSON.stringify(admissionAnswer(review.value.uid, verdict))}\n`;
  return { outcome, answer: { code: 200, contentType: 'application/json', body: text } };
}

const BUDGET = seconds(1);

/** The API server says how long it waits; an answer that is too late is none. */
function budgetOf(url: string): Ms {
  const said = parseDuration(new URLSearchParams(url.split('?')[1]).get('timeout') ?? '');
  return said.ok ? ms(Math.min(BUDGET, msOf(said.value) / 2)) : BUDGET;
}

function outcomeOf({ refusals, warnings, patch }: Verdict): Answered['outcome'] {
  if (refusals.length > 0) return 'refused';
  if (patch !== undefined) return 'changed';
  return warnings.length > 0 ? 'warned' : 'allowed';
}

const failed = (code: number, sentence: string): Answered => ({
  outcome: 'failed',
  answer: { code, contentType: 'text/plain; charset=utf-8', body: `${sentence}\n` },
});
