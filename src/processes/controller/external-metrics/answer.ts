import { failureStatus } from '../../../domain/k8s/status.ts';
import { documentAt } from '../../../domain/external-metrics/discovery.ts';
import { revisionAskedFor, valueListOf } from '../../../domain/external-metrics/metric.ts';
import {
  internalError,
  methodNotAllowed,
  notFound,
  unauthorized,
  type Refusal,
} from '../../../domain/external-metrics/refusal.ts';
import { readRequest, type Request } from '../../../domain/external-metrics/request.ts';
import type { JsonObject } from '../../../domain/json.ts';
import { nameOf } from '../../../domain/key.ts';
import type { Teller } from '../../../domain/signal/told.ts';
import type { Clock } from '../../../ports/clock.ts';
import type { Log } from '../../../ports/log.ts';
import type { Telemetry } from '../../../ports/telemetry.ts';
import type { TlsAnswer, TlsRequest } from '../../../ports/tls-server.ts';
import type { Authenticator } from './authenticate.ts';
import type { Authorizer } from './authorize.ts';

export interface AnswererParts {
  readonly authenticator: Authenticator;
  readonly authorizer: Authorizer;
  /** Tells values from memory. */
  readonly teller: Pick<Teller, 'told'>;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
  readonly log: Log;
}

const PLAIN = 'text/plain; charset=utf-8';
const JSON_TYPE = 'application/json';
const HEALTHY: TlsAnswer = { code: 200, contentType: PLAIN, body: 'ok' };
/** The API server takes it for an API without OpenAPI, and asks no more. */
const NO_OPENAPI: TlsAnswer = { code: 404, contentType: PLAIN, body: '404 page not found\n' };

/** Answers the requests of an aggregated API server. Never rejects: a mistake of ours is told as one. */
export const answerer =
  (parts: AnswererParts): ((request: TlsRequest) => Promise<TlsAnswer>) =>
  async (request) => {
    const begun = parts.clock.monotonic();
    const answer = await answerTo(parts, request).catch((cause: unknown) => {
      parts.log.error('an external metric could not be told', { cause });
      return refused(internalError('hpa-bridge made a mistake; its log says which'));
    });
    const code = String(answer.code);
    const took = (parts.clock.monotonic() - begun) / 1000;
    parts.telemetry.observe('hpa_bridge_external_metrics_request_seconds', { code }, took);
    return answer;
  };

async function answerTo(parts: AnswererParts, asked: TlsRequest): Promise<TlsAnswer> {
  const request = readRequest(asked.method, asked.url);
  if (request.target.is === 'health') return HEALTHY;
  if (request.target.is === 'openapi') return NO_OPENAPI;
  const identity = await parts.authenticator.identify(asked);
  if (identity === 'refused') return refused(unauthorized());
  const objection = await parts.authorizer.objection(identity, request);
  if (objection !== undefined) return refused(objection);
  return allowed(parts, request, asked.headers['accept']?.[0] ?? '');
}

/** The answer to somebody who may have it. */
function allowed(
  { teller }: AnswererParts,
  { method, path, verb, target }: Request,
  accept: string,
): TlsAnswer {
  if (target.is !== 'metric') {
    const document = documentAt(path, accept);
    if (document === undefined) return refused(notFound(`Nothing is served at ${JSON.stringify(path)}.`));
    if (verb !== 'get') return refused(methodNotAllowed(method));
    return success(document.body, document.contentType);
  }
  if (verb !== 'list') return refused(methodNotAllowed(method));
  const revision = revisionAskedFor(target);
  if (!revision.ok) return refused(revision.error);
  const list = valueListOf(nameOf(revision.value), teller.told(revision.value));
  return list.ok ? success(list.value, JSON_TYPE) : refused(list.error);
}

const success = (body: JsonObject, contentType: string): TlsAnswer => ({
  code: 200,
  contentType,
  body: `${JSON.stringify(body)}\n`,
});

const refused = (refusal: Refusal): TlsAnswer => ({
  code: refusal.code,
  contentType: JSON_TYPE,
  body: `${JSON.stringify(failureStatus(refusal))}\n`,
});
