import type { RequestHeaders } from './trust.ts';

/** Who asks, in the words of a SubjectAccessReview. */
export interface Identity {
  readonly user: string;
  readonly uid: string;
  readonly groups: readonly string[];
  readonly extra: Readonly<Record<string, readonly string[]>>;
}

/** Header values by lower-case name; one that was sent several times has several. */
export type Headers = Readonly<Record<string, readonly string[] | undefined>>;

const AUTHENTICATED = 'system:authenticated';
const UNAUTHENTICATED = 'system:unauthenticated';
const ANONYMOUS_USER = 'system:anonymous';
/** Whoever is in it needs no other right. */
export const MASTERS = 'system:masters';

/** Somebody who shows nothing at all. */
export const ANONYMOUS: Identity = { user: ANONYMOUS_USER, uid: '', groups: [UNAUTHENTICATED], extra: {} };

/** Whoever is known is in the group of those who are; the anonymous stays what it is, also when the API server speaks for it. */
export function authenticated(identity: Identity): Identity {
  const { user, groups } = identity;
  const said = groups.includes(AUTHENTICATED) || groups.includes(UNAUTHENTICATED);
  return said || user === ANONYMOUS_USER ? identity : { ...identity, groups: [...groups, AUTHENTICATED] };
}

/**
 * The user whom these headers name, if they name one. To be asked only of a request whose client certificate may speak for others
 * (apiserver: pkg/authentication/request/headerrequest/requestheader.go).
 */
export function identityInHeaders(headers: Headers, names: RequestHeaders): Identity | undefined {
  const user = firstIn(headers, names.usernames);
  if (user === undefined) return undefined;
  return {
    user,
    uid: firstIn(headers, names.uids) ?? '',
    groups: names.groups.flatMap((name) => headers[name] ?? []),
    extra: extraIn(headers, names.extraPrefixes),
  };
}

const firstIn = (headers: Headers, names: readonly string[]): string | undefined =>
  names.map((name) => headers[name]?.[0] ?? '').find((value) => value !== '');

function extraIn(headers: Headers, prefixes: readonly string[]): Identity['extra'] {
  const extra = new Map<string, string[]>();
  for (const prefix of prefixes)
    for (const [name, values] of Object.entries(headers)) {
      if (prefix === '' || !name.startsWith(prefix)) continue;
      const key = decoded(name.slice(prefix.length));
      extra.set(key, [...(extra.get(key) ?? []), ...(values ?? [])]);
    }
  return Object.fromEntries(extra);
}

/** What cannot be decoded stays as it is. */
function decoded(key: string): string {
  try {
    return decodeURIComponent(key);
  } catch {
    return key;
  }
}

/** Whether a certificate with this common name may speak for others. */
export const maySpeakForOthers = (commonName: string, { allowedNames }: RequestHeaders): boolean =>
  allowedNames.length === 0 || allowedNames.includes(commonName);

/** Who a user's own certificate says it is: the common name, in groups named by the organizations. Undefined without a common name. */
export const identityInCertificate = (subject: {
  readonly commonName: string;
  readonly organizations: readonly string[];
}): Identity | undefined =>
  subject.commonName === ''
    ? undefined
    : { user: subject.commonName, uid: '', groups: subject.organizations, extra: {} };

/** The token of `Authorization: Bearer ...`, if the request has one. */
export function bearerToken(headers: Headers): string | undefined {
  const [scheme = '', token = ''] = (headers['authorization']?.[0] ?? '').trim().split(/ +/, 2);
  return scheme.toLowerCase() === 'bearer' && token !== '' ? token : undefined;
}
