import { isOurs } from '../../domain/annotation/ours.ts';
import type { AutoscalerConfig } from '../../domain/config/autoscaler.ts';
import { faultOf } from '../../domain/fault.ts';
import { keyOfMeta } from '../../domain/k8s/meta.ts';
import type { PodAutoscaler } from '../../domain/k8s/read/pod-autoscaler.ts';
import { readThrough } from '../../domain/k8s/read/view.ts';
import { deploymentView, type Deployment } from '../../domain/k8s/read/workload.ts';
import { RESOURCES } from '../../domain/k8s/resources.ts';
import type { Key } from '../../domain/key.ts';
import { isAsleep, wakeOf } from '../../domain/throttle/wake.ts';
import { ms, seconds } from '../../domain/time.ts';
import { backoffAfter } from '../../engine/backoff.ts';
import type { Clock } from '../../ports/clock.ts';
import type { KubeReader, KubeWriter } from '../../ports/kube.ts';
import type { Log } from '../../ports/log.ts';
import type { Telemetry } from '../../ports/telemetry.ts';

export interface WakerParts {
  readonly podAutoscaler: (key: Key) => PodAutoscaler | undefined;
  readonly deployment: (key: Key) => Deployment | undefined;
  readonly autoscaler: () => AutoscalerConfig;
  readonly classes: ReadonlySet<string>;
  readonly reader: Pick<KubeReader, 'get'>;
  readonly writer: Pick<KubeWriter, 'merge'>;
  /** Whether somebody still waits. */
  readonly isWanted: (key: Key) => boolean;
  /** The revision has been told to have pods, by us. */
  readonly onWoken: (key: Key) => void;
  readonly clock: Clock;
  readonly random: () => number;
  readonly telemetry: Telemetry;
  readonly log: Log;
}

const BACKOFF = { base: ms(50), max: seconds(2) };

/** Tells sleeping revisions to have pods: one write at a time for each, never in the place of another's, and never to fewer pods. */
export class Waker {
  readonly #parts: WakerParts;
  readonly #busy = new Set<Key>();
  /** The version in the cache that is known to be asleep no longer: the cache shows it for a moment more. */
  readonly #past = new Map<Key, string>();

  constructor(parts: WakerParts) {
    this.#parts = parts;
  }

  /** Wakes the revision if it sleeps and somebody waits for it. Cheap: called for each request. */
  look(key: Key): void {
    const { isWanted, podAutoscaler, deployment, classes } = this.#parts;
    const found = deployment(key);
    if (!isAsleep(found)) {
      this.#past.delete(key);
      return;
    }
    if (this.#busy.has(key) || this.#past.get(key) === found.metadata.resourceVersion || !isWanted(key))
      return;
    const pa = podAutoscaler(key);
    if (pa === undefined || !isOurs(pa, classes)) return;
    this.#busy.add(key);
    void this.#untilAwake(key, found).then((awake) => {
      this.#busy.delete(key);
      if (awake) this.#past.set(key, found.metadata.resourceVersion);
      this.look(key);
    });
  }

  /** True once it is awake, whoever woke it; false when nobody waits any more. Never rejects. */
  async #untilAwake(key: Key, seen: Deployment): Promise<boolean> {
    const { clock, random, isWanted } = this.#parts;
    let found = seen;
    for (let failures = 0; isWanted(key);) {
      const came = await this.#write(key, found);
      if (came === 'woken') return true;
      if (came === 'failed') {
        failures += 1;
        await clock.sleep(backoffAfter(failures, BACKOFF, random));
      }
      const now = await this.#read(found);
      if (!isAsleep(now)) return true;
      found = now;
    }
    return false;
  }

  async #write(key: Key, asleep: Deployment): Promise<'woken' | 'conflict' | 'failed'> {
    const { podAutoscaler, autoscaler, writer, onWoken, clock, telemetry, log } = this.#parts;
    const pa = podAutoscaler(key);
    if (pa === undefined) return 'failed';
    const { replicas, resourceVersion } = wakeOf(pa, asleep, autoscaler());
    const began = clock.monotonic();
    try {
      await writer.merge(
        RESOURCES.Deployment,
        keyOfMeta(asleep.metadata),
        { metadata: { resourceVersion }, spec: { replicas } },
        { subresource: 'scale' },
      );
    } catch (thrown) {
      const { code, message } = faultOf(thrown);
      const conflict = code === 'conflict';
      telemetry.add('hpa_bridge_wakes_total', { outcome: conflict ? 'conflict' : 'failed' });
      if (!conflict) log.warn('could not be woken', { key, fault: code, detail: message });
      return conflict ? 'conflict' : 'failed';
    }
    telemetry.add('hpa_bridge_wakes_total', { outcome: 'woken' });
    log.info('woken', { key, count: replicas, ms: Math.round(clock.monotonic() - began) });
    onWoken(key);
    return 'woken';
  }

  /** As the API server has it now; what could not be read is taken for unchanged. */
  async #read(before: Deployment): Promise<Deployment | undefined> {
    try {
      const object = await this.#parts.reader.get(RESOURCES.Deployment, keyOfMeta(before.metadata));
      const read = readThrough(deploymentView)(object);
      return read.ok ? read.value : before;
    } catch (thrown) {
      return faultOf(thrown).code === 'not_found' ? undefined : before;
    }
  }
}
