import { z } from 'zod';
import type { Decision } from '../../domain/external-metrics/access-review.ts';
import type { Identity } from '../../domain/external-metrics/identity.ts';
import { FaultError } from '../../domain/fault.ts';
import type { JsonObject } from '../../domain/json.ts';
import { apiVersionOf, RESOURCES, type Resource } from '../../domain/k8s/resources.ts';
import { seconds, type Ms } from '../../domain/time.ts';
import type { AccessReviews } from '../../ports/access-reviews.ts';
import { parseObject } from './objects.ts';
import { collectionPath, resourceName } from './paths.ts';
import { RateLimit } from './rate-limit.ts';
import type { Transport } from './transport.ts';

const text = z
  .string()
  .nullish()
  .transform((value) => value ?? '');

const tokenView = z.object({
  status: z.object({
    authenticated: z.boolean().default(false),
    user: z
      .object({
        username: text,
        uid: text,
        groups: z.array(z.string()).nullish(),
        extra: z.record(z.string(), z.array(z.string())).nullish(),
      })
      .optional(),
  }),
});

const accessView = z.object({
  status: z.object({
    allowed: z.boolean().default(false),
    denied: z.boolean().default(false),
    reason: text,
  }),
});

/** Strangers make us ask: what they cost the API server is bounded, as upstream bounds it, and is not taken from what the controller may do. */
const LIMIT = { perSecond: 200, burst: 400 };
const MOST_WAITING = 100;
/** Whoever asks us has less patience than that. */
const WITHIN: Ms = seconds(5);

class Reviews implements AccessReviews {
  readonly #transport: Transport;
  readonly #limit: RateLimit;
  #waiting = 0;

  constructor(transport: Transport) {
    this.#transport = transport;
    this.#limit = new RateLimit(LIMIT, transport.clock);
  }

  async whoseToken(token: string): Promise<Identity | undefined> {
    const { status } = await this.#create(RESOURCES.TokenReview, { token }, tokenView);
    if (!status.authenticated || status.user === undefined || status.user.username === '') return undefined;
    const { username, uid, groups, extra } = status.user;
    return { user: username, uid, groups: groups ?? [], extra: extra ?? {} };
  }

  async mayDo(spec: JsonObject): Promise<Decision> {
    const { status } = await this.#create(RESOURCES.SubjectAccessReview, spec, accessView);
    return { allowed: status.allowed && !status.denied, reason: status.reason };
  }

  async #create<T>(resource: Resource, spec: JsonObject, view: z.ZodType<T>): Promise<T> {
    const about = resourceName(resource);
    if (this.#waiting >= MOST_WAITING)
      throw new FaultError({
        code: 'too_many_requests',
        message: `${MOST_WAITING} requests to create ${about} are waiting already.`,
      });
    this.#waiting += 1;
    const late = new AbortController();
    const message = `The API server did not finish in ${WITHIN / 1000} s to create ${about}.`;
    const cancel = this.#transport.clock.after(WITHIN, () =>
      late.abort(new FaultError({ code: 'api_unavailable', message })),
    );
    try {
      await this.#limit.take(late.signal);
      const answer = await this.#transport.send({
        verb: 'create',
        path: collectionPath(resource),
        about,
        contentType: 'application/json',
        body: JSON.stringify({ apiVersion: apiVersionOf(resource), kind: resource.kind, spec }),
        limited: false,
        signal: late.signal,
      });
      return readThrough(view, answer, about);
    } finally {
      cancel();
      this.#waiting -= 1;
    }
  }
}

function readThrough<T>(view: z.ZodType<T>, answer: string, about: string): T {
  const read = view.safeParse(parseObject(answer, `create ${about}`));
  if (read.success) return read.data;
  throw new FaultError({ code: 'object_invalid', message: `The answer to create ${about} has no status.` });
}

/** Asks about tokens and rights. Its requests have a limit of their own. */
export const accessReviews = (transport: Transport): AccessReviews => new Reviews(transport);
