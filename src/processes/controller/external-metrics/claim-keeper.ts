import {
  bundleIn,
  claimOf,
  claimStep,
  sameClaim,
  type Claim,
} from '../../../domain/external-metrics/claim.ts';
import { API_SERVICE } from '../../../domain/external-metrics/discovery.ts';
import type { ServiceName } from '../../../domain/k8s/service-name.ts';
import { claimContested, claimSeen } from '../../../domain/external-metrics/events.ts';
import { faultOf } from '../../../domain/fault.ts';
import { keyOf } from '../../../domain/key.ts';
import type { JsonObject } from '../../../domain/json.ts';
import type { ApiService } from '../../../domain/k8s/read/api-service.ts';
import { RESOURCES } from '../../../domain/k8s/resources.ts';
import { minutes, ms, seconds, type Ms } from '../../../domain/time.ts';
import type { Clock } from '../../../ports/clock.ts';
import type { KubeWriter } from '../../../ports/kube.ts';
import type { Recorder } from '../../../ports/recorder.ts';
import type { Telemetry } from '../../../ports/telemetry.ts';
import { Contest } from './contest.ts';
import type { Watched } from '../watched.ts';

export interface ClaimKeeperParts {
  readonly apiService: Pick<Watched<ApiService>, 'current' | 'known'>;
  readonly own: ServiceName;
  /** By which certificates (PEM) the API server is to trust our Service; undefined while we have none. */
  readonly bundle: () => string | undefined;
  /** Whether the platform owner wants us to serve external metrics. */
  readonly wanted: () => boolean;
  /** Whether KEDA is installed, or being installed. */
  readonly kedaServed: () => boolean;
  readonly writer: Pick<KubeWriter, 'create' | 'merge'>;
  readonly recorder: Recorder;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
}

/** Changes of the APIService are seen at once; this is for the configuration and for KEDA. Nothing is sent for a look. */
const LOOK_AGAIN: Ms = seconds(10);
/** KEDA brings its definitions before its APIService, and takes the APIService away before them. */
const KEDAS_TURN: Ms = minutes(2);

/** Takes external.metrics.k8s.io when nobody has it, keeps it as it should be while it is ours, and never touches it otherwise. */
export class ClaimKeeper {
  readonly #parts: ClaimKeeperParts;
  #said: Claim | undefined;
  /** Since when nobody has had it while KEDA was there; of the monotonic clock, as all times here. */
  #freeSince: number | undefined;
  /** What we wrote last, and over which version; another bundle in a later version of ours is of somebody else. */
  #written: { readonly bundle: string; readonly over: string } | undefined;
  readonly #contest: Contest;

  constructor(parts: ClaimKeeperParts) {
    this.#parts = parts;
    this.#contest = new Contest(parts.clock);
  }

  /** To be called while we lead. Throws FaultError. */
  async keep(): Promise<Ms> {
    const { apiService, own, bundle, wanted } = this.#parts;
    if (!apiService.known()) return LOOK_AGAIN;
    const current = apiService.current();
    this.#say(current);
    const trusted = bundle();
    if (trusted === undefined || !wanted()) return LOOK_AGAIN;
    const wait = this.#kedasTurn(current);
    if (wait > 0) return wait;
    const step = claimStep(current, own, trusted);
    if (step?.do === 'create') await this.#create(step.object);
    if (step?.do === 'merge' && current !== undefined) return this.#repair(current, step.body, trusted);
    return LOOK_AGAIN;
  }

  /** Why we leave an API free that nobody has, to complete "because ...". */
  hindrance(): string | undefined {
    const { wanted, bundle, kedaServed } = this.#parts;
    if (!wanted()) return 'external-metrics is off in config-hpa-bridge';
    if (bundle() === undefined) return 'there is no certificate for it';
    return kedaServed() ? 'KEDA is installed and is given time to bring its own' : undefined;
  }

  async #repair(current: ApiService, body: JsonObject, trusted: string): Promise<Ms> {
    const { own, writer, telemetry, recorder } = this.#parts;
    const over = current.metadata.resourceVersion;
    if (this.#written?.over === over) return LOOK_AGAIN; // the watch has not shown our write yet
    if (this.#written !== undefined && bundleIn(current, own) !== this.#written.bundle) {
      const wait = this.#contest.changed(over);
      if (this.#contest.isOne) recorder.publish(claimContested(current));
      if (wait > 0) return wait;
    }
    await writer.merge(RESOURCES.APIService, keyOf('', API_SERVICE), body);
    telemetry.add('hpa_bridge_writes_total', { kind: 'APIService', verb: 'patch' });
    this.#written = { bundle: trusted, over };
    return LOOK_AGAIN;
  }

  async #create(object: Parameters<KubeWriter['create']>[1]): Promise<void> {
    try {
      await this.#parts.writer.create(RESOURCES.APIService, object);
      this.#written = { bundle: this.#parts.bundle() ?? '', over: '' };
      this.#parts.telemetry.add('hpa_bridge_writes_total', { kind: 'APIService', verb: 'create' });
    } catch (thrown) {
      // Somebody was faster; the watch will tell who.
      if (faultOf(thrown).code !== 'already_exists') throw thrown;
    }
  }

  /** How long the API is still to be left to KEDA: a KEDA that is being installed must find it free. */
  #kedasTurn(current: ApiService | undefined): Ms {
    const { clock, kedaServed } = this.#parts;
    const now = clock.monotonic();
    if (current !== undefined || !kedaServed()) {
      this.#freeSince = undefined;
      return ms(0);
    }
    this.#freeSince ??= now;
    return ms(Math.max(0, this.#freeSince + KEDAS_TURN - now));
  }

  #say(current: ApiService | undefined): void {
    const claim = claimOf(current, this.#parts.own);
    if (sameClaim(claim, this.#said)) return;
    this.#said = claim;
    if (current !== undefined) this.#parts.recorder.publish(claimSeen(current, claim));
  }
}
