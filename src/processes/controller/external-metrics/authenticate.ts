import {
  ANONYMOUS,
  authenticated,
  bearerToken,
  identityInCertificate,
  identityInHeaders,
  maySpeakForOthers,
  type Identity,
} from '../../../domain/external-metrics/identity.ts';
import { keyOfToken } from '../../../domain/external-metrics/token-key.ts';
import type { Trust } from '../../../domain/external-metrics/trust.ts';
import { faultOf } from '../../../domain/fault.ts';
import { seconds } from '../../../domain/time.ts';
import { ExpiringCache } from '../../../engine/expiring-cache.ts';
import type { AccessReviews } from '../../../ports/access-reviews.ts';
import type { Clock } from '../../../ports/clock.ts';
import type { Log } from '../../../ports/log.ts';
import type { ClientCertificate, TlsRequest } from '../../../ports/tls-server.ts';

export interface AuthenticatorParts {
  readonly reviews: Pick<AccessReviews, 'whoseToken'>;
  readonly trust: () => Trust;
  readonly clock: Clock;
  readonly log: Log;
}

/** As the API server's own delegated authentication keeps them. */
const KEPT = { capacity: 1000, ttl: seconds(10) };

/** One way to be known: an identity, or that what was shown is not good; undefined: nothing of the kind was shown. */
type Attempt = Identity | 'refused' | undefined;

/**
 * Finds out who asks, in the order of the API server (apiserver: pkg/authentication): a certificate that may speak for others together with
 * headers that name somebody, a certificate of one's own, a token. One good way is enough, whatever else was shown.
 */
export class Authenticator {
  readonly #parts: AuthenticatorParts;
  readonly #tokens: ExpiringCache<Identity | undefined>;

  constructor(parts: AuthenticatorParts) {
    this.#parts = parts;
    this.#tokens = new ExpiringCache(KEPT, parts.clock);
  }

  /** Who asks, or that the credentials are not good. Whoever shows none is anonymous. */
  async identify(request: TlsRequest): Promise<Identity | 'refused'> {
    const shown: Attempt[] = [this.#spokenFor(request), this.#byCertificate(request.client)];
    if (!shown.some(isIdentity)) shown.push(await this.#byToken(bearerToken(request.headers)));
    const known = shown.find(isIdentity);
    if (known !== undefined) return authenticated(known);
    return shown.includes('refused') ? 'refused' : ANONYMOUS;
  }

  #spokenFor({ client, headers }: TlsRequest): Attempt {
    const { requestHeaders } = this.#parts.trust();
    if (client === undefined || requestHeaders === undefined) return undefined;
    if (!this.#isTrusted(client, requestHeaders.ca)) return 'refused';
    if (!maySpeakForOthers(client.commonName, requestHeaders)) return 'refused';
    return identityInHeaders(headers, requestHeaders);
  }

  #byCertificate(client: ClientCertificate | undefined): Attempt {
    const { clientCa } = this.#parts.trust();
    if (client === undefined || clientCa === undefined) return undefined;
    return this.#isTrusted(client, clientCa) ? identityInCertificate(client) : 'refused';
  }

  async #byToken(token: string | undefined): Promise<Attempt> {
    if (token === undefined) return undefined;
    const { reviews, log } = this.#parts;
    try {
      return (await this.#tokens.get(keyOfToken(token), () => reviews.whoseToken(token))) ?? 'refused';
    } catch (thrown) {
      const { code, message } = faultOf(thrown);
      log.warn('a token could not be checked', { fault: code, detail: message });
      return 'refused';
    }
  }

  #isTrusted(client: ClientCertificate, bundle: string): boolean {
    const validity = client.trusted(bundle);
    const now = this.#parts.clock.now();
    return validity !== undefined && validity.from <= now && now <= validity.until;
  }
}

const isIdentity = (attempt: Attempt): attempt is Identity => typeof attempt === 'object';
