import type { Cluster } from '../../../domain/admission/judge.ts';
import { trustedIn, trustStep, WEBHOOK_PATHS, type WebhookKind } from '../../../domain/admission/webhooks.ts';
import type { Boot } from '../../../domain/config/boot.ts';
import type { ServiceName } from '../../../domain/k8s/service-name.ts';
import { RESOURCES } from '../../../domain/k8s/resources.ts';
import { minutes, type Ms } from '../../../domain/time.ts';
import type { KubeWriter } from '../../../ports/kube.ts';
import type { TlsAnswer, TlsRequest, TlsServer } from '../../../ports/tls-server.ts';
import { serveCertified, type CertifiedParts } from '../certificate/serve-certified.ts';
import { watchWebhookConfiguration } from '../watched.ts';
import { admissionAnswerer, type AnswererParts } from './answer.ts';

export interface AdmissionParts extends Omit<
  CertifiedParts,
  'server' | 'own' | 'secret' | 'purpose' | 'trusts' | 'onShown'
> {
  readonly boot: Pick<Boot, 'systemNamespace' | 'webhookService' | 'webhookSecret'>;
  /** Writes while we lead. */
  readonly writer: Pick<KubeWriter, 'merge' | 'apply'>;
  /** Undefined until the cluster is known. */
  readonly cluster: () => Cluster | undefined;
  /** Whom queries are tried at. */
  readonly sourceOf: AnswererParts['sourceOf'];
}

export interface Admission {
  /** Answers one review of the API server. */
  readonly answer: (request: TlsRequest) => Promise<TlsAnswer>;
  /** Sees to the certificate of the server; resolves after the signal aborted and the last write ended. */
  readonly run: (server: Pick<TlsServer, 'show'>, signal: AbortSignal) => Promise<void>;
}

const LOOK_AGAIN: Ms = minutes(10);
// Safe: the keys of a table are those that its type names.
const KINDS = Object.keys(WEBHOOK_PATHS) as readonly WebhookKind[];

/** Puts the admission webhook together: what is answered, by which certificate, and that the API server trusts it. */
export function buildAdmission(parts: AdmissionParts): Admission {
  const { boot, writer, telemetry } = parts;
  const own: ServiceName = { namespace: boot.systemNamespace, name: boot.webhookService };
  const asking = KINDS.map((kind) => ({ kind, configuration: watchWebhookConfiguration(parts, kind) }));
  const trusts = asking.map(({ kind, configuration }) => ({
    name: `the ${kind}`,
    object: configuration,
    bundle: () => trustedIn(configuration.current(), own),
    keeping: (wanted: () => string | undefined) => async (): Promise<Ms> => {
      const [current, bundle] = [configuration.current(), wanted()];
      const object =
        current === undefined || bundle === undefined ? undefined : trustStep(kind, current, own, bundle);
      if (object === undefined) return LOOK_AGAIN;
      await writer.apply(RESOURCES[kind], object);
      telemetry.add('hpa_bridge_writes_total', { kind, verb: 'apply' });
      return LOOK_AGAIN;
    },
  }));
  return {
    answer: admissionAnswerer(parts),
    run: async (server, signal) => {
      const certified: CertifiedParts = {
        ...parts,
        server,
        own,
        secret: boot.webhookSecret,
        purpose: 'admission',
        trusts,
        onShown: ({ notAfter }) =>
          telemetry.set('hpa_bridge_webhook_certificate_expiry_seconds', {}, notAfter / 1000),
      };
      const watching = asking.map(({ configuration }) => configuration.run(signal));
      await Promise.all([...watching, serveCertified(certified, signal)]);
    },
  };
}
