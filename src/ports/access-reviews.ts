import type { Decision } from '../domain/external-metrics/access-review.ts';
import type { Identity } from '../domain/external-metrics/identity.ts';
import type { JsonObject } from '../domain/json.ts';

/** Asking the API server about others. Every method throws `FaultError`; `too_many_requests` when too many questions wait already. */
export interface AccessReviews {
  /** Whose token it is; undefined: it is nobody's. */
  whoseToken(token: string): Promise<Identity | undefined>;
  /** Whether what the spec of a SubjectAccessReview describes is allowed. */
  mayDo(spec: JsonObject): Promise<Decision>;
}
