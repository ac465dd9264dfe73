import { admissionAnswer, readAdmissionReview } from '../../../domain/admission/admission-review.ts';
import { judge, type Cluster } from '../../../domain/admission/judge.ts';
import type { Verdict } from '../../../domain/admission/admission-review.ts';
import { WEBHOOK_PATH } from '../../../domain/admission/webhook-trust.ts';
import type { Clock } from '../../../ports/clock.ts';
import type { Log } from '../../../ports/log.ts';
import type { Telemetry } from '../../../ports/telemetry.ts';
import type { TlsAnswer, TlsRequest } from '../../../ports/tls-server.ts';

export interface AnswererParts {
  /** Undefined until the cluster is known. */
  readonly cluster: () => Cluster | undefined;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
  readonly log: Log;
}

interface Answered {
  readonly outcome: 'allowed' | 'warned' | 'refused' | 'failed';
  readonly answer: TlsAnswer;
}

/**
 * Answers the reviews of the API server, from memory. Never rejects: what cannot be judged is an HTTP error, and the webhook's failurePolicy
 * says what becomes of the object then.
 */
export const admissionAnswerer =
  (parts: AnswererParts): ((request: TlsRequest) => Promise<TlsAnswer>) =>
  (request) => {
    const begun = parts.clock.monotonic();
    const { outcome, answer } = answered(parts, request);
    const took = (parts.clock.monotonic() - begun) / 1000;
    parts.telemetry.observe('hpa_bridge_admission_review_seconds', { outcome }, took);
    return Promise.resolve(answer);
  };

function answered(parts: AnswererParts, request: TlsRequest): Answered {
  try {
    return reviewed(parts, request);
  } catch (cause) {
    parts.log.error('an object could not be judged', { cause });
    return failed(500, 'hpa-bridge made a mistake; its log says which.');
  }
}

function reviewed({ cluster, log }: AnswererParts, { method, url, body }: TlsRequest): Answered {
  if (url.split('?', 1)[0] !== WEBHOOK_PATH || method !== 'POST')
    return failed(404, `Nothing is here: expected POST ${WEBHOOK_PATH}.`);
  const known = cluster();
  if (known === undefined) return failed(503, 'The configuration of the cluster is not known yet.');
  const review = readAdmissionReview(body);
  if (!review.ok) return failed(400, review.error);
  const verdict = judge(review.value, known);
  const outcome = outcomeOf(verdict);
  if (outcome === 'refused') log.debug('object refused', { detail: verdict.refusals.join(' ') });
  const text = `${JSON.stringify(admissionAnswer(review.value.uid, verdict))}\n`;
  return { outcome, answer: { code: 200, contentType: 'application/json', body: text } };
}

function outcomeOf({ refusals, warnings }: Verdict): Answered['outcome'] {
  if (refusals.length > 0) return 'refused';
  return warnings.length > 0 ? 'warned' : 'allowed';
}

const failed = (code: number, sentence: string): Answered => ({
  outcome: 'failed',
  answer: { code, contentType: 'text/plain; charset=utf-8', body: `${sentence}\n` },
});
