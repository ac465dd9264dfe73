import { NO_TRUST, readTrust, type Trust } from '../../../domain/external-metrics/trust.ts';
import type { ConfigMap } from '../../../domain/k8s/read/config-map.ts';
import type { Log } from '../../../ports/log.ts';
import type { Watched } from '../watched.ts';

/** Whom to believe now. A version that cannot be read leaves the last good one in force; when the ConfigMap goes, nobody is believed. */
export function liveTrust(watched: Pick<Watched<ConfigMap>, 'current' | 'subscribe'>, log: Log): () => Trust {
  let trust = NO_TRUST;
  watched.subscribe(() => {
    const read = readTrust(watched.current()?.data ?? {});
    if (read.ok) trust = read.value;
    else log.warn('trust in the API server refused, the last good one stays', { detail: read.error });
  });
  return () => trust;
}
