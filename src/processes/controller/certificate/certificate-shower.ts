import { joinBundles, type CertificateFacts } from '../../../domain/certificate.ts';
import { serverNameOf, type ServiceName } from '../../../domain/k8s/service-name.ts';
import { minutes, ms, seconds, type Ms } from '../../../domain/time.ts';
import type { Certificates } from '../../../ports/certificates.ts';
import type { Clock } from '../../../ports/clock.ts';
import type { Log } from '../../../ports/log.ts';
import type { TlsServer } from '../../../ports/tls-server.ts';
import type { Usable } from './certificate-keeper.ts';

export interface CertificateShowerParts {
  readonly server: Pick<TlsServer, 'show'>;
  /** What the Secret holds. */
  readonly usable: () => Usable | undefined;
  /** By which certificates the API server trusts our Service now, for each object that leads it to us; none while it is not asking us. */
  readonly trustedBy: () => readonly string[];
  readonly own: ServiceName;
  /** What is served with it, for logs. */
  readonly purpose: string;
  /** Told of each certificate that is shown from now on. */
  readonly onShown: (facts: CertificateFacts) => void;
  readonly certificates: Pick<Certificates, 'read'>;
  readonly clock: Clock;
  readonly log: Log;
}

const LOOK_AGAIN: Ms = minutes(1);
/** Every API server of a cluster has heard of a new bundle by then. */
const HEARD: Ms = seconds(5);
/** So long the CA of a certificate that was replaced stays trusted: every replica has changed over by then. */
const CHANGED_OVER: Ms = minutes(10);

/**
 * Shows the certificate of the Secret. A new one waits until the API server trusts it, so that no request fails on the way; not when the one
 * that is shown has ended, or there is none.
 */
export class CertificateShower {
  readonly #parts: CertificateShowerParts;
  #shown: Usable | undefined;
  #previous: { readonly ca: string; readonly until: number } | undefined;
  #trusted: { readonly cert: string; readonly since: number } | undefined;

  constructor(parts: CertificateShowerParts) {
    this.#parts = parts;
  }

  /** All CAs (PEM) that the API server has to trust: of the certificate that is shown, of the next one, and of the last. */
  bundle(): string | undefined {
    const { usable, clock } = this.#parts;
    const next = usable();
    const all = [next?.material.ca, this.#shown?.material.ca].filter((ca) => ca !== undefined);
    if (all.length === 0) return undefined;
    const previous =
      this.#previous !== undefined && clock.monotonic() < this.#previous.until ? [this.#previous.ca] : [];
    return joinBundles(...all, ...previous);
  }

  /** Shows what can be shown now. */
  keep(): Promise<Ms> {
    const next = this.#parts.usable();
    if (next === undefined || next.material.cert === this.#shown?.material.cert)
      return Promise.resolve(LOOK_AGAIN);
    const wait = this.#mustWait(next);
    if (wait === 0) this.#show(next);
    return Promise.resolve(wait === 0 ? LOOK_AGAIN : wait);
  }

  #mustWait(next: Usable): Ms {
    const { trustedBy, certificates, own, clock } = this.#parts;
    const bundles = trustedBy();
    if (this.#shown === undefined || clock.now() >= this.#shown.facts.notAfter || bundles.length === 0)
      return ms(0);
    if (bundles.some((ca) => !certificates.read({ ...next.material, ca }, serverNameOf(own)).ok)) {
      this.#trusted = undefined;
      return LOOK_AGAIN;
    }
    const { cert } = next.material;
    if (this.#trusted?.cert !== cert) this.#trusted = { cert, since: clock.monotonic() };
    return ms(Math.max(0, this.#trusted.since + HEARD - clock.monotonic()));
  }

  #show(next: Usable): void {
    const { server, purpose, onShown, clock, log } = this.#parts;
    if (this.#shown !== undefined)
      this.#previous = { ca: this.#shown.material.ca, until: clock.monotonic() + CHANGED_OVER };
    server.show({ cert: next.material.cert, key: next.material.key });
    this.#shown = next;
    onShown(next.facts);
    log.info('showing a certificate', { detail: `It is for ${purpose}.` });
  }
}
