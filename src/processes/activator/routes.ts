import type { LiveConfig } from '../../domain/config/live.ts';
import type { Key } from '../../domain/key.ts';
import { keyOf, namespaceOf } from '../../domain/key.ts';
import type { PodAutoscaler } from '../../domain/k8s/read/pod-autoscaler.ts';
import type { RoutedRevision } from '../../domain/k8s/read/routed-revision.ts';
import type { Deployment } from '../../domain/k8s/read/workload.ts';
import { backendsOf } from '../../domain/throttle/backends.ts';
import { shareOf } from '../../domain/throttle/share.ts';
import type { ServedRevision } from '../../ports/throttler.ts';
import type { Caches } from './caches.ts';
import type { Course } from './course.ts';

export interface RoutesParts {
  readonly caches: Caches;
  readonly config: () => LiveConfig;
  /** Where the world finds us; undefined: nobody has said. */
  readonly address: string | undefined;
}

/** What the caches say about revisions, for those who route requests to them. */
export class Routes {
  readonly #parts: RoutesParts;
  /** Made once for each version of a Revision: there is a request for it every moment. */
  readonly #served = new WeakMap<RoutedRevision, ServedRevision>();

  constructor(parts: RoutesParts) {
    this.#parts = parts;
  }

  served(key: Key): ServedRevision | undefined {
    const revision = this.#parts.caches.revisions.store.get(key);
    if (revision === undefined) return undefined;
    const known = this.#served.get(revision);
    if (known !== undefined) return known;
    const { timeout, responseStartTimeout, idleTimeout } = revision;
    const bypassed = (): boolean => this.#isBypassed(key);
    const made = { key, timeout, responseStartTimeout, idleTimeout, bypassed };
    this.#served.set(revision, made);
    return made;
  }

  podAutoscaler(key: Key): PodAutoscaler | undefined {
    return this.#parts.caches.podAutoscalers.store.get(key);
  }

  deployment(key: Key): Deployment | undefined {
    const name = this.podAutoscaler(key)?.spec.scaleTargetRef.name;
    return name === undefined
      ? undefined
      : this.#parts.caches.deployments.store.get(keyOf(namespaceOf(key), name));
  }

  course(key: Key): Course {
    const { caches, config, address } = this.#parts;
    const revision = caches.revisions.store.get(key);
    const { mesh, podAddressability, systemInternalTls } = config().network;
    const pa = this.podAutoscaler(key);
    const service = pa?.status.metricsServiceName ?? '';
    return {
      exists: revision !== undefined,
      backends: backendsOf(caches.pods.store.by('revision', key)),
      early: revision?.usableEarly ?? true,
      concurrency: revision?.containerConcurrency ?? 0,
      protocol: pa?.spec.protocolType ?? '',
      tls: systemInternalTls,
      share: address === undefined ? undefined : shareOf(address, this.#inPath(key)),
      mesh,
      passthrough: podAddressability && service !== '' ? `${service}.${namespaceOf(key)}` : undefined,
    };
  }

  /** Others than we are in the path now; where nobody is, nothing is known. */
  #isBypassed(key: Key): boolean {
    const { address } = this.#parts;
    const inPath = this.#inPath(key);
    return address !== undefined && inPath.length > 0 && !inPath.includes(address);
  }

  /** The addresses that requests for the revision are sent to. */
  #inPath(key: Key): readonly string[] {
    return this.#parts.caches.endpoints.store.get(key)?.addresses ?? [];
  }
}
