import {
  accessReviewOf,
  deniedSentence,
  keyOfReview,
  type Decision,
} from '../../../domain/external-metrics/access-review.ts';
import { MASTERS, type Identity } from '../../../domain/external-metrics/identity.ts';
import {
  forbidden,
  internalError,
  tooManyRequests,
  type Refusal,
} from '../../../domain/external-metrics/refusal.ts';
import type { Request } from '../../../domain/external-metrics/request.ts';
import { faultOf } from '../../../domain/fault.ts';
import { seconds } from '../../../domain/time.ts';
import { ExpiringCache } from '../../../engine/expiring-cache.ts';
import type { AccessReviews } from '../../../ports/access-reviews.ts';
import type { Clock } from '../../../ports/clock.ts';
import type { Log } from '../../../ports/log.ts';

export interface AuthorizerParts {
  readonly reviews: Pick<AccessReviews, 'mayDo'>;
  readonly clock: Clock;
  readonly log: Log;
}

/** As the API server's own delegated authorization keeps them: yes and no for equally long. Fetched ahead, so that an HPA seldom waits. */
const KEPT = { capacity: 10_000, ttl: seconds(10), renewAfter: seconds(7) };

/** Asks the API server whether somebody may do something. What cannot be asked is not allowed. */
export class Authorizer {
  readonly #parts: AuthorizerParts;
  readonly #decisions: ExpiringCache<Decision>;

  constructor(parts: AuthorizerParts) {
    this.#parts = parts;
    this.#decisions = new ExpiringCache(KEPT, parts.clock);
  }

  /** Undefined when it is allowed. */
  async objection(identity: Identity, request: Request): Promise<Refusal | undefined> {
    if (identity.groups.includes(MASTERS)) return undefined;
    try {
      const { allowed, reason } = await this.#decide(identity, request);
      return allowed ? undefined : forbidden(deniedSentence(identity, request, reason));
    } catch (thrown) {
      const { code, message } = faultOf(thrown);
      this.#parts.log.warn('a right could not be checked', { fault: code, detail: message });
      return code === 'too_many_requests'
        ? tooManyRequests('Too many rights are being checked; try again later.')
        : internalError('the right to ask could not be checked');
    }
  }

  #decide(identity: Identity, request: Request): Promise<Decision> {
    const spec = accessReviewOf(identity, request);
    return this.#decisions.get(keyOfReview(spec), () => this.#parts.reviews.mayDo(spec));
  }
}
