import type { JsonObject } from '../domain/json.ts';
import type { Key } from '../domain/key.ts';
import type { KubeObject } from '../domain/k8s/meta.ts';
import type { Resource } from '../domain/k8s/resources.ts';
import type { Ms } from '../domain/time.ts';

/** What a list or watch is about. */
export interface Selection {
  readonly resource: Resource;
  /** Absent: all namespaces. */
  readonly namespace?: string;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  /** Ask for `PartialObjectMetadata` only: for kinds of which nobody reads the spec. */
  readonly metadataOnly?: boolean;
}

export interface Page {
  readonly items: readonly KubeObject[];
  readonly resourceVersion: string;
  /** Present when there are more pages. */
  readonly continue?: string;
}

/** What a watch says. A 410 inside the stream arrives as the fault `gone`, a line that is not JSON as `internal`. */
export type WatchEvent =
  | { readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'; readonly object: KubeObject }
  | { readonly type: 'BOOKMARK'; readonly resourceVersion: string };

/** Reading the API server. Every method throws `FaultError`; none returns half an answer. */
export interface KubeReader {
  /** One page of at most `limit` objects (200 by default). */
  list(
    selection: Selection,
    page: { readonly limit?: number; readonly continue?: string },
    signal: AbortSignal,
  ): Promise<Page>;
  /**
   * Events after `resourceVersion`, until the server ends the stream (the iterator finishes), the signal aborts or something fails (it throws).
   * `idle` bounds the silence: a stream that says nothing, not even a bookmark, for so long throws `api_unavailable`.
   */
  watch(
    selection: Selection,
    from: { readonly resourceVersion: string; readonly timeout: Ms; readonly idle: Ms },
    signal: AbortSignal,
  ): AsyncIterable<WatchEvent>;
  /** Throws `not_found` when there is none. */
  get(resource: Resource, key: Key, signal?: AbortSignal): Promise<KubeObject>;
  /** Whether the API server serves this kind now; asks discovery, so it notices a CustomResourceDefinition that came or went. */
  served(resource: Resource, signal?: AbortSignal): Promise<boolean>;
}

/** Writing to the API server. Every method throws `FaultError` and returns the object as stored. */
export interface KubeWriter {
  /**
   * Server-side apply as field manager `hpa-bridge`. `force` takes fields over from other managers; `urgent` does not wait for the rate limit:
   * whoever says so bounds how many are sent at once.
   */
  apply(
    resource: Resource,
    object: KubeObject,
    options?: { readonly force?: boolean; readonly subresource?: 'status'; readonly urgent?: boolean },
  ): Promise<KubeObject>;
  /** A JSON merge patch (RFC 7386). `metadata.resourceVersion` in the body makes it an optimistic lock. */
  merge(
    resource: Resource,
    key: Key,
    body: JsonObject,
    options?: { readonly subresource?: 'status' | 'scale' },
  ): Promise<KubeObject>;
  create(resource: Resource, object: KubeObject): Promise<KubeObject>;
  /** Replaces the whole object; `metadata.resourceVersion` is the lock. */
  replace(resource: Resource, object: KubeObject): Promise<KubeObject>;
  /** Deletes exactly the object with this uid (and version, when given). Resolves also when it is gone already. */
  remove(
    resource: Resource,
    key: Key,
    expected: {
      readonly uid: string;
      readonly resourceVersion?: string;
      readonly propagation?: 'Background' | 'Orphan';
    },
  ): Promise<void>;
}
