import { faultOf, type Fault } from '../domain/fault.ts';
import { keyOf, type Key } from '../domain/key.ts';
import type { KubeObject } from '../domain/k8s/meta.ts';
import { err, type Result } from '../domain/result.ts';
import type { Seen } from './watch-state.ts';

/** Told of an object that could not be read, once per version. */
export type OnUnreadable = (key: Key, version: string, fault: Fault) => void;

/** Turns objects into views, one by one: an object that its view does not fit never disturbs the others. */
export class ObjectReader<T> {
  readonly #parse: (object: KubeObject) => Result<T, Fault>;
  readonly #onUnreadable: OnUnreadable;
  /** Versions that were reported. */
  readonly #reported = new Map<Key, string>();

  constructor(parse: (object: KubeObject) => Result<T, Fault>, onUnreadable: OnUnreadable) {
    this.#parse = parse;
    this.#onUnreadable = onUnreadable;
  }

  read(object: KubeObject): Seen<T> {
    const key = keyOfObject(object);
    const uid = typeof object.metadata['uid'] === 'string' ? object.metadata['uid'] : '';
    const read = this.#tryParse(object);
    if (read.ok) {
      this.#reported.delete(key);
      return { key, uid, item: read.value };
    }
    const version = versionOf(object);
    if (this.#reported.get(key) !== version) {
      this.#reported.set(key, version);
      this.#onUnreadable(key, version, read.error);
    }
    return { key, uid, item: undefined };
  }

  /** The object is gone, and what was said about it. */
  forget(key: Key): void {
    this.#reported.delete(key);
  }

  /** A view that throws is a mistake in the view; it concerns this object all the same. */
  #tryParse(object: KubeObject): Result<T, Fault> {
    try {
      return this.#parse(object);
    } catch (thrown) {
      return err(faultOf(thrown));
    }
  }
}

export const keyOfObject = ({ metadata }: KubeObject): Key => keyOf(metadata.namespace ?? '', metadata.name);

/** The object's resource version, or the empty text when it has none. */
export const versionOf = ({ metadata }: KubeObject): string =>
  typeof metadata['resourceVersion'] === 'string' ? metadata['resourceVersion'] : '';
