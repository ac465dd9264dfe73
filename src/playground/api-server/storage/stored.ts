import type { KubeObject } from '../../../domain/k8s/meta.ts';
import type { ServedKind } from '../kinds/kind.ts';

/**
 * One version of one object. It never changes, so its text is made once, however many lists and watches send it.
 */
export class Stored {
  readonly kind: ServedKind;
  readonly object: KubeObject;
  readonly version: number;
  /** `namespace/name`, or `/name` for cluster kinds: the order of lists. */
  readonly key: string;
  #json: string | undefined;
  #partial: string | undefined;

  constructor(kind: ServedKind, object: KubeObject, version: number) {
    this.kind = kind;
    this.object = object;
    this.version = version;
    this.key = storeKey(object.metadata.namespace, object.metadata.name);
  }

  get namespace(): string {
    return this.object.metadata.namespace ?? '';
  }

  get json(): string {
    return (this.#json ??= JSON.stringify(this.object));
  }

  /** The text as an item of a list: kinds of the server itself leave out what the list already says. */
  get itemJson(): string {
    if (this.kind.custom) return this.json;
    const said = JSON.stringify({ apiVersion: this.object.apiVersion, kind: this.object.kind });
    const prefix = `${said.slice(0, -1)},`;
    return this.json.startsWith(prefix) ? `{${this.json.slice(prefix.length)}` : this.json;
  }

  /** The text with metadata only. */
  get partialJson(): string {
    return (this.#partial ??= JSON.stringify({
      kind: 'PartialObjectMetadata',
      apiVersion: 'meta.k8s.io/v1',
      metadata: this.object.metadata,
    }));
  }
}

export const storeKey = (namespace: string | undefined, name: string): string => `${namespace ?? ''}/${name}`;
