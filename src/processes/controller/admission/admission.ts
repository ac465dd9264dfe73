import type { Cluster } from '../../../domain/admission/judge.ts';
import { trustedIn, trustStep } from '../../../domain/admission/webhook-trust.ts';
import type { Boot } from '../../../domain/config/boot.ts';
import type { ServiceName } from '../../../domain/k8s/service-name.ts';
import { RESOURCES } from '../../../domain/k8s/resources.ts';
import { minutes, type Ms } from '../../../domain/time.ts';
import type { KubeWriter } from '../../../ports/kube.ts';
import type { TlsAnswer, TlsRequest, TlsServer } from '../../../ports/tls-server.ts';
import { serveCertified, type CertifiedParts } from '../certificate/serve-certified.ts';
import { watchWebhookConfiguration } from '../watched.ts';
import { admissionAnswerer } from './answer.ts';

export interface AdmissionParts extends Omit<
  CertifiedParts,
  'server' | 'own' | 'secret' | 'purpose' | 'trust' | 'onShown'
> {
  readonly boot: Pick<Boot, 'systemNamespace' | 'webhookService' | 'webhookSecret'>;
  /** Writes while we lead. */
  readonly writer: Pick<KubeWriter, 'merge' | 'apply'>;
  /** Undefined until the cluster is known. */
  readonly cluster: () => Cluster | undefined;
}

export interface Admission {
  /** Answers one review of the API server. */
  readonly answer: (request: TlsRequest) => Promise<TlsAnswer>;
  /** Sees to the certificate of the server; resolves after the signal aborted and the last write ended. */
  readonly run: (server: Pick<TlsServer, 'show'>, signal: AbortSignal) => Promise<void>;
}

const LOOK_AGAIN: Ms = minutes(10);

/** Puts the admission webhook together: what is answered, by which certificate, and that the API server trusts it. */
export function buildAdmission(parts: AdmissionParts): Admission {
  const { boot, writer, telemetry } = parts;
  const own: ServiceName = { namespace: boot.systemNamespace, name: boot.webhookService };
  const configuration = watchWebhookConfiguration(parts);
  const keeping = (wanted: () => string | undefined) => async (): Promise<Ms> => {
    const [current, bundle] = [configuration.current(), wanted()];
    const object =
      current === undefined || bundle === undefined ? undefined : trustStep(current, own, bundle);
    if (object === undefined) return LOOK_AGAIN;
    await writer.apply(RESOURCES.ValidatingWebhookConfiguration, object);
    telemetry.add('hpa_bridge_writes_total', { kind: object.kind, verb: 'apply' });
    return LOOK_AGAIN;
  };
  return {
    answer: admissionAnswerer(parts),
    run: async (server, signal) => {
      const certified: CertifiedParts = {
        ...parts,
        server,
        own,
        secret: boot.webhookSecret,
        purpose: 'admission',
        trust: {
          name: 'the webhook configuration',
          object: configuration,
          bundle: () => trustedIn(configuration.current(), own),
          keeping,
        },
        onShown: ({ notAfter }) =>
          telemetry.set('hpa_bridge_webhook_certificate_expiry_seconds', {}, notAfter / 1000),
      };
      await Promise.all([configuration.run(signal), serveCertified(certified, signal)]);
    },
  };
}
