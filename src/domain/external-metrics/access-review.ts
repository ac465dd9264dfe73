import { createHash } from 'node:crypto';
import type { JsonObject } from '../json.ts';
import { GROUP, VERSION } from './discovery.ts';
import type { Identity } from './identity.ts';
import type { Request } from './request.ts';

/** What the API server says about a wish. */
export interface Decision {
  readonly allowed: boolean;
  /** Why, in its words; may be empty. */
  readonly reason: string;
}

/** The spec of the SubjectAccessReview that asks whether this identity may do this. */
export function accessReviewOf(
  { user, uid, groups, extra }: Identity,
  { verb, path, target }: Request,
): JsonObject {
  const wish =
    target.is === 'metric'
      ? {
          resourceAttributes: {
            namespace: target.namespace,
            verb,
            group: GROUP,
            version: VERSION,
            resource: target.metric,
          },
        }
      : { nonResourceAttributes: { path, verb } };
  return { user, uid, groups, extra, ...wish };
}

/** Under which the decision about a spec is kept: of one length for all, so that long questions do not fill the memory. */
export const keyOfReview = (spec: JsonObject): string =>
  createHash('sha256').update(JSON.stringify(spec)).digest('base64');

/** As the API server itself says no. */
export function deniedSentence({ user }: Identity, { verb, path, target }: Request, reason: string): string {
  const because = reason === '' ? '' : `: ${reason}`;
  if (target.is !== 'metric')
    return `forbidden: User ${JSON.stringify(user)} cannot ${verb} path ${JSON.stringify(path)}${because}`;
  const { metric, namespace } = target;
  return `${metric}.${GROUP} is forbidden: User ${JSON.stringify(user)} cannot ${verb} resource ${JSON.stringify(metric)} in API group "${GROUP}" in the namespace ${JSON.stringify(namespace)}${because}`;
}
