import type { Key } from '../../../domain/key.ts';
import type { Address } from '../../../domain/k8s/read/endpoints.ts';
import { isJsonObject } from '../../../domain/json.ts';
import { NO_STAT, type Stat } from '../../../domain/scale/stat.ts';
import { seconds, since, type Instant } from '../../../domain/time.ts';
import type { ActivatorLoad } from '../../../domain/zero/activator-metrics.ts';
import { orAborted } from '../../../engine/abort.ts';
import type { ActivatorMetrics } from '../../../ports/activator-metrics.ts';
import type { Clock } from '../../../ports/clock.ts';
import type { Log } from '../../../ports/log.ts';

export interface KnativeActivatorsParts {
  readonly metrics: ActivatorMetrics;
  /** Those that are ready; none while nobody sleeps behind them. */
  readonly addresses: () => readonly Address[];
  /** Takes what one of them holds of a revision. */
  readonly onLoad: (key: Key, stat: Stat, at: Instant) => void;
  /** Told when it has become known what all of them hold, or is no longer. */
  readonly onHeard: () => void;
  readonly clock: Clock;
  readonly log: Log;
}

interface Page {
  readonly at: Instant;
  readonly loads: ReadonlyMap<Key, ActivatorLoad>;
}

const EVERY = seconds(1);
/** Two answers may fail. */
const CURRENT = seconds(3.5);

/**
 * What activators of Knative hold, asked of each once in a second: they tell it to Knative's autoscaler alone, and to whoever reads their
 * metrics. Every replica asks, as every replica is told by activators of ours.
 */
export class KnativeActivators {
  readonly #parts: KnativeActivatorsParts;
  readonly #pages = new Map<string, Page>();
  readonly #asking = new Set<string>();
  readonly #reports = new Map<string, Instant>();
  #wasHeard = false;

  constructor(parts: KnativeActivatorsParts) {
    this.#parts = parts;
  }

  /** Whether all of them tell what they hold. */
  heard(): boolean {
    const addresses = this.#parts.addresses();
    return addresses.length > 0 && addresses.every(({ ip }) => this.#current(ip) !== undefined);
  }

  /** Requests of a revision that they hold or forward; undefined: one of them does not say. */
  inFlight(key: Key): number | undefined {
    if (!this.heard()) return undefined;
    const each = this.#parts.addresses().map(({ ip }) => this.#current(ip)?.loads.get(key)?.inFlight ?? 0);
    return each.reduce((sum, one) => sum + one, 0);
  }

  /** The pod of this name has pushed a report: what it holds need not be counted again. */
  reports(podName: string, at: Instant): void {
    this.#reports.set(podName, at);
  }

  async run(signal: AbortSignal): Promise<void> {
    const { clock } = this.#parts;
    while (!signal.aborted) {
      this.#round();
      await orAborted(
        clock.sleep(EVERY, signal).catch(() => undefined),
        signal,
      );
    }
  }

  #current(ip: string): Page | undefined {
    const page = this.#pages.get(ip);
    return page !== undefined && since(page.at, this.#parts.clock.now()) <= CURRENT ? page : undefined;
  }

  #round(): void {
    const addresses = this.#parts.addresses();
    const known = new Set(addresses.map(({ ip }) => ip));
    for (const ip of this.#pages.keys()) if (!known.has(ip)) this.#pages.delete(ip);
    for (const address of addresses)
      if (!this.#asking.has(address.ip))
        this.#ask(address).catch((cause: unknown) =>
          this.#parts.log.error('asking activators broke', { cause }),
        );
    this.#tell();
  }

  async #ask(address: Address): Promise<void> {
    const { metrics, clock, log } = this.#parts;
    const { ip } = address;
    this.#asking.add(ip);
    const at = clock.now();
    const answered = await metrics.ask(ip);
    this.#asking.delete(ip);
    if (!answered.ok) {
      log.debug('an activator of Knative does not tell what it holds', { detail: answered.error });
      return;
    }
    const before = this.#pages.get(ip);
    this.#pages.set(ip, { at, loads: answered.value });
    if (!this.#isReporting(address, at)) await this.#count(address, answered.value, before);
    this.#tell();
  }

  /** Only what moves: a page names every revision that the activator has ever had a request of. */
  async #count(address: Address, loads: Page['loads'], before: Page | undefined): Promise<void> {
    const { clock, onLoad } = this.#parts;
    for (const [key, { inFlight, ended }] of loads) {
      await clock.giveWay();
      const requestCount =
        before === undefined ? 0 : Math.max(0, ended - (before.loads.get(key)?.ended ?? 0));
      if (inFlight > 0 || requestCount > 0)
        onLoad(
          key,
          {
            ...NO_STAT,
            podName: podOf(address) ?? address.ip,
            averageConcurrentRequests: inFlight,
            requestCount,
          },
          clock.now(),
        );
    }
  }

  #isReporting(address: Address, now: Instant): boolean {
    const at = this.#reports.get(podOf(address) ?? '');
    return at !== undefined && since(at, now) <= CURRENT;
  }

  #tell(): void {
    const heard = this.heard();
    if (heard === this.#wasHeard) return;
    this.#wasHeard = heard;
    this.#parts.onHeard();
  }
}

function podOf({ targetRef }: Address): string | undefined {
  const name = isJsonObject(targetRef) ? targetRef['name'] : undefined;
  return typeof name === 'string' ? name : undefined;
}
