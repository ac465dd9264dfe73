import type { HeaderLookup, Reply } from '../../domain/activator/headers.ts';
import { probeReply, type Self } from '../../domain/activator/probes.ts';
import { targetOf, unknownRevision } from '../../domain/activator/target.ts';
import { nameOf } from '../../domain/key.ts';
import type { ServedRevision, Throttler } from '../../ports/throttler.ts';

/** Where a request goes, or what it is answered by us. */
export type Router = (headers: HeaderLookup, host: string) => Reply | ServedRevision;

export interface RouterParts {
  readonly throttler: Pick<Throttler, 'revision'>;
  /** What kubelet's probes are told of us. */
  readonly self: () => Self;
  /** `cluster.local`, for example. */
  readonly clusterDomain: string;
}

/** Probes are answered before any look-up: they have no revision, and wake none. */
export const routerOf =
  ({ throttler, self, clusterDomain }: RouterParts): Router =>
  (headers, host) => {
    const probe = probeReply(headers, self());
    if (probe !== undefined) return probe;
    const key = targetOf(headers, host, clusterDomain);
    const revision = key === undefined ? undefined : throttler.revision(key);
    return revision ?? unknownRevision(key === undefined ? '' : nameOf(key));
  };
