import type { Boot } from '../../../domain/config/boot.ts';
import {
  bundleIn,
  claimOf,
  claimSentence,
  sameClaim,
  type Claim,
} from '../../../domain/external-metrics/claim.ts';
import type { ServiceName } from '../../../domain/k8s/service-name.ts';
import type { Teller } from '../../../domain/signal/told.ts';
import type { Ms } from '../../../domain/time.ts';
import type { Gate } from '../../../engine/controller.ts';
import type { ReflectorTiming } from '../../../engine/reflector.ts';
import type { AccessReviews } from '../../../ports/access-reviews.ts';
import type { Certificates } from '../../../ports/certificates.ts';
import type { Clock } from '../../../ports/clock.ts';
import type { KubeReader, KubeWriter } from '../../../ports/kube.ts';
import type { Log } from '../../../ports/log.ts';
import type { Recorder } from '../../../ports/recorder.ts';
import type { Telemetry } from '../../../ports/telemetry.ts';
import type { TlsAnswer, TlsRequest, TlsServer } from '../../../ports/tls-server.ts';
import { serveCertified, type CertifiedParts } from '../certificate/serve-certified.ts';
import { watchApiService, watchTrust } from '../watched.ts';
import { answerer } from './answer.ts';
import { Authenticator } from './authenticate.ts';
import { Authorizer } from './authorize.ts';
import { ClaimKeeper } from './claim-keeper.ts';
import { liveTrust } from './live-trust.ts';

export interface ExternalMetricsParts {
  readonly boot: Pick<Boot, 'systemNamespace' | 'externalMetricsService' | 'externalMetricsSecret'>;
  readonly reader: KubeReader;
  /** Writes while we lead. */
  readonly writer: KubeWriter;
  readonly reviews: AccessReviews;
  readonly certificates: Certificates;
  readonly recorder: Recorder;
  /** Open while we lead for it. */
  readonly gate: Pick<Gate, 'untilOpen'>;
  readonly teller: Pick<Teller, 'told'>;
  /** Whether the platform owner wants us to serve external metrics. */
  readonly wanted: () => boolean;
  readonly kedaServed: () => boolean;
  readonly clock: Clock;
  readonly random: () => number;
  readonly telemetry: Telemetry;
  readonly log: Log;
  /** Other patience than the reflectors' own. */
  readonly timing?: Partial<ReflectorTiming>;
}

export interface ExternalMetrics {
  /** Who serves external metrics in this cluster; undefined until it is known. */
  readonly claim: () => Claim | undefined;
  /** Calls back after that has changed. */
  readonly onClaim: (listener: () => void) => void;
  /** What `/readyz` says about it; it does not make us unready. */
  readonly details: () => readonly string[];
  /** Answers one request of an HPA, or of whoever asks. */
  readonly answer: (request: TlsRequest) => Promise<TlsAnswer>;
  /** Follows who serves, and with a server of ours sees to its certificate and the claim; resolves after the signal aborted and the last write ended. */
  readonly run: (server: TlsServer | undefined, signal: AbortSignal) => Promise<void>;
}

const STATES: readonly Claim['state'][] = ['ours', 'foreign', 'unclaimed'];

/** Puts the aggregated API external.metrics.k8s.io together: who asks, who may, what is told, by which certificate, and whether it is ours. */
export function buildExternalMetrics(parts: ExternalMetricsParts): ExternalMetrics {
  const { boot, clock, telemetry, log } = parts;
  const own: ServiceName = { namespace: boot.systemNamespace, name: boot.externalMetricsService };
  const apiService = watchApiService(parts);
  const trusted = watchTrust(parts);

  let claim: Claim | undefined;
  let hindrance = (): string | undefined => 'hpa-bridge has no port for it (--external-metrics-port)';
  const listeners = new Set<() => void>();
  apiService.subscribe(() => {
    if (!apiService.known()) return;
    const now = claimOf(apiService.current(), own);
    if (sameClaim(now, claim)) return;
    claim = now;
    log.info('external metrics', { detail: claimSentence(now) });
    for (const state of STATES)
      telemetry.set('hpa_bridge_external_metrics_claim', { state }, state === now.state ? 1 : 0);
    for (const listener of listeners) listener();
  });

  const answer = answerer({
    authenticator: new Authenticator({ ...parts, trust: liveTrust(trusted, log) }),
    authorizer: new Authorizer(parts),
    teller: parts.teller,
    clock,
    telemetry,
    log,
  });

  const serve = async (server: TlsServer, signal: AbortSignal): Promise<void> => {
    const keeping = (bundle: () => string | undefined): (() => Promise<Ms>) => {
      const claims = new ClaimKeeper({ ...parts, own, apiService, bundle });
      hindrance = () => claims.hindrance();
      return () => claims.keep();
    };
    const bundle = (): string | undefined => bundleIn(apiService.current(), own);
    const certified: CertifiedParts = {
      ...parts,
      server,
      own,
      secret: boot.externalMetricsSecret,
      purpose: 'external metrics',
      trusts: [{ name: 'the APIService', object: apiService, bundle, keeping }],
      onShown: ({ notAfter }) =>
        telemetry.set('hpa_bridge_external_metrics_certificate_expiry_seconds', {}, notAfter / 1000),
    };
    await Promise.all([trusted.run(signal), serveCertified(certified, signal)]);
  };

  return {
    claim: () => claim,
    onClaim: (listener) => void listeners.add(listener),
    details: () => {
      if (claim === undefined) return [];
      const why = claim.state === 'unclaimed' ? hindrance() : undefined;
      return [`${claimSentence(claim)}${why === undefined ? '' : ` It is left free because ${why}.`}`];
    },
    answer,
    run: async (server, signal) => {
      const serving = server === undefined ? [] : [serve(server, signal)];
      await Promise.all([apiService.run(signal), ...serving]);
    },
  };
}
