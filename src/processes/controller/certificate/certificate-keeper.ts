import {
  BACKDATED,
  certificateUnusable,
  isDue,
  keptIn,
  LIFETIME,
  secretPatch,
  type CertificateFacts,
  type Kept,
  type Material,
} from '../../../domain/certificate.ts';
import { serverNameOf, type ServiceName } from '../../../domain/k8s/service-name.ts';
import { keyOfMeta } from '../../../domain/k8s/meta.ts';
import type { Secret } from '../../../domain/k8s/read/secret.ts';
import { RESOURCES } from '../../../domain/k8s/resources.ts';
import type { Result } from '../../../domain/result.ts';
import { minutes, ms, plus, type Ms } from '../../../domain/time.ts';
import type { Certificates } from '../../../ports/certificates.ts';
import type { Clock } from '../../../ports/clock.ts';
import type { KubeWriter } from '../../../ports/kube.ts';
import type { Log } from '../../../ports/log.ts';
import type { Recorder } from '../../../ports/recorder.ts';
import type { Telemetry } from '../../../ports/telemetry.ts';
import type { Watched } from '../watched.ts';

export interface CertificateKeeperParts {
  readonly secret: Pick<Watched<Secret>, 'current' | 'known'>;
  /** `namespace/name` of the Secret, for logs. */
  readonly secretName: string;
  readonly own: ServiceName;
  /** What is served with it, for logs. */
  readonly purpose: string;
  readonly certificates: Certificates;
  readonly writer: Pick<KubeWriter, 'merge'>;
  readonly recorder: Recorder;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
  readonly log: Log;
}

const LOOK_AGAIN: Ms = minutes(10);

/** A certificate that can be served. */
export interface Usable {
  readonly material: Material;
  readonly facts: CertificateFacts;
}

/** Keeps a good certificate in the Secret: makes one where there is none, renews what it made, and never writes what somebody else put there. */
export class CertificateKeeper {
  readonly #parts: CertificateKeeperParts;
  #complained = '';

  constructor(parts: CertificateKeeperParts) {
    this.#parts = parts;
  }

  /** What the Secret holds now, if it can be served. */
  usable(): Usable | undefined {
    const kept = keptIn(this.#parts.secret.current());
    const facts = this.#read(kept);
    return hasMaterial(kept) && facts?.ok === true
      ? { material: kept.material, facts: facts.value }
      : undefined;
  }

  /** To be called while we lead. Throws FaultError. */
  async keep(): Promise<Ms> {
    const { secret, clock, own, certificates, writer, telemetry } = this.#parts;
    if (!secret.known()) return LOOK_AGAIN;
    const current = secret.current();
    const kept = keptIn(current);
    const facts = this.#read(kept);
    if (current === undefined || !isDue(kept, facts?.ok === true ? facts.value : undefined, clock.now())) {
      this.#complain(current, kept, facts);
      return LOOK_AGAIN;
    }
    const name = serverNameOf(own);
    const now = clock.now();
    const made = await certificates.make([name, `${name}.cluster.local`], {
      from: plus(now, ms(0 - BACKDATED)),
      until: plus(now, LIFETIME),
    });
    await writer.merge(RESOURCES.Secret, keyOfMeta(current.metadata), secretPatch(current, made));
    telemetry.add('hpa_bridge_writes_total', { kind: 'Secret', verb: 'patch' });
    return LOOK_AGAIN;
  }

  #read(kept: Kept): Result<CertificateFacts, string> | undefined {
    const { certificates, own } = this.#parts;
    return hasMaterial(kept) ? certificates.read(kept.material, serverNameOf(own)) : undefined;
  }

  /** Says once what is wrong with what the Secret holds. */
  #complain(
    secret: Secret | undefined,
    kept: Kept,
    facts: Result<CertificateFacts, string> | undefined,
  ): void {
    const { secretName, purpose, log, recorder } = this.#parts;
    const sentence =
      kept.is === 'absent'
        ? `The Secret ${secretName} does not exist: expected the empty one of the installation, or one with a certificate.`
        : facts?.ok === false
          ? facts.error
          : '';
    if (sentence === this.#complained) return;
    this.#complained = sentence;
    if (sentence === '') return;
    log.warn(`no certificate for ${purpose}`, { resource: secretName, detail: sentence });
    if (secret !== undefined) recorder.publish(certificateUnusable(secret, sentence));
  }
}

const hasMaterial = (kept: Kept): kept is Kept & { readonly material: Material } => 'material' in kept;
