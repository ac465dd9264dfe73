import { LONGEST_WINDOW, SHORTEST_WINDOW } from '../annotation/limits.ts';
import type { Settings } from '../annotation/settings.ts';
import type { LiveConfig } from '../config/live.ts';
import type { PrometheusServer } from '../config/prometheus-servers.ts';
import { msOf } from '../go/duration.ts';
import type { ZeroFor } from '../prometheus/null-values.ts';
import type { Fallback, Policy } from '../signal/policy.ts';
import { ms, type Ms } from '../time.ts';

/** How the answers to a revision's query are judged. Annotation before ConfigMap. */
export function policyOf(
  settings: Settings,
  { bridge, autoscaler }: Pick<LiveConfig, 'bridge' | 'autoscaler'>,
  server: PrometheusServer,
): Policy {
  return {
    interval: msOf(settings.pollingInterval ?? bridge.pollingInterval),
    timeout: server.timeout,
    window: windowOf(settings, autoscaler),
    staleAfter: msOf(settings.staleAfter ?? bridge.staleAfter),
    fallback: fallbackOf(settings, bridge),
    fallbackReplicas: settings.fallbackReplicas,
    zeroFor: zeroFor(settings, bridge, server),
  };
}

/** Within the bounds that Knative sets to it, whatever the annotation says: what protects must not be talked away. */
function windowOf({ window }: Settings, { stableWindow }: LiveConfig['autoscaler']): Ms {
  const [least, most] = [msOf(SHORTEST_WINDOW), msOf(LONGEST_WINDOW)];
  return ms(Math.min(most, Math.max(least, msOf(window ?? stableWindow))));
}

/** What the user says of empty results holds; else the server's `ignoreNullValues`, which says more than that; else the platform owner. */
export function zeroFor(
  { emptyResult }: Pick<Settings, 'emptyResult'>,
  bridge: LiveConfig['bridge'],
  { ignoreNullValues }: PrometheusServer,
): ZeroFor {
  if (emptyResult === undefined && ignoreNullValues) return 'nulls';
  return zeroForEmpty({ emptyResult }, bridge) ? 'empty' : 'nothing';
}

/** Whether a query that gives no series says zero. */
export const zeroForEmpty = (
  { emptyResult }: Pick<Settings, 'emptyResult'>,
  bridge: LiveConfig['bridge'],
): boolean => (emptyResult ?? bridge.emptyResult) === 'zero';

/** Annotation before ConfigMap; who names replicas to fall back to wants them. */
export function fallbackOf(
  { fallback, fallbackReplicas }: Pick<Settings, 'fallback' | 'fallbackReplicas'>,
  bridge: LiveConfig['bridge'],
): Fallback {
  if (fallback !== undefined) return fallback;
  return fallbackReplicas !== undefined && bridge.fallback !== 'replicas' ? 'auto' : bridge.fallback;
}
