import type { CertificateFacts } from '../../../domain/certificate.ts';
import { keyOf } from '../../../domain/key.ts';
import type { ServiceName } from '../../../domain/k8s/service-name.ts';
import type { Ms } from '../../../domain/time.ts';
import type { Gate } from '../../../engine/controller.ts';
import { Keeper } from '../../../engine/keeper.ts';
import type { Certificates } from '../../../ports/certificates.ts';
import type { KubeWriter } from '../../../ports/kube.ts';
import type { Recorder } from '../../../ports/recorder.ts';
import type { TlsServer } from '../../../ports/tls-server.ts';
import type { ReflectorShared } from '../../../engine/cached.ts';
import { watchSecret, type Timing, type Watched } from '../watched.ts';
import { CertificateKeeper } from './certificate-keeper.ts';
import { CertificateShower } from './certificate-shower.ts';

/** The object in which the API server reads by which certificates it trusts a Service of ours. */
interface Trust {
  /** For logs. */
  readonly name: string;
  readonly object: Pick<Watched<unknown>, 'subscribe'>;
  /** What it trusts now (PEM); undefined while it is not asking us. */
  readonly bundle: () => string | undefined;
  /** What keeps the bundle that is wanted in it, while we lead. */
  readonly keeping: (wanted: () => string | undefined) => () => Promise<Ms>;
}

export interface CertifiedParts extends ReflectorShared, Timing {
  readonly server: Pick<TlsServer, 'show'>;
  /** The Service that leads to the server. */
  readonly own: ServiceName;
  /** The Secret with its certificate, in the namespace of the Service. */
  readonly secret: string;
  /** What is served, for logs. */
  readonly purpose: string;
  /** One at least. */
  readonly trusts: readonly Trust[];
  readonly onShown: (facts: CertificateFacts) => void;
  readonly writer: Pick<KubeWriter, 'merge'>;
  readonly certificates: Certificates;
  readonly recorder: Recorder;
  /** Open while we lead for it. */
  readonly gate: Pick<Gate, 'untilOpen'>;
}

/**
 * Sees to the certificate of one of our servers: the leader makes it and tells the API server to trust it, every replica shows it. Resolves
 * after the signal aborted and the last write ended.
 */
export async function serveCertified(parts: CertifiedParts, signal: AbortSignal): Promise<void> {
  const { own, trusts, gate, clock, random, telemetry, log } = parts;
  const secret = watchSecret(parts, own.namespace, parts.secret);
  const secretName = keyOf(own.namespace, parts.secret);
  const maker = new CertificateKeeper({ ...parts, secret, secretName });
  const shower = new CertificateShower({
    ...parts,
    usable: () => maker.usable(),
    trustedBy: () => trusts.map(({ bundle }) => bundle()).filter((bundle) => bundle !== undefined),
  });
  const shared = { clock, random, telemetry, log };
  const keepers = [
    new Keeper({ ...shared, name: secretName, task: () => maker.keep(), gate }),
    new Keeper({ ...shared, name: `the certificate for ${parts.purpose}`, task: () => shower.keep() }),
    ...trusts.map(
      ({ name, keeping }) => new Keeper({ ...shared, name, task: keeping(() => shower.bundle()), gate }),
    ),
  ];
  for (const watched of [secret, ...trusts.map(({ object }) => object)])
    watched.subscribe(() => keepers.forEach((keeper) => keeper.poke()));
  await Promise.all([secret.run(signal), ...keepers.map((keeper) => keeper.run(signal))]);
}
