import { faultOf } from '../../domain/fault.ts';
import { isJsonObject, type Json } from '../../domain/json.ts';
import { seconds, type Ms } from '../../domain/time.ts';
import type { Resource } from '../../domain/k8s/resources.ts';
import { parseObject } from './objects.ts';
import { groupPath } from './paths.ts';
import type { Transport } from './transport.ts';

/** Long enough for the kinds of one group to share an answer, short enough to notice a CustomResourceDefinition. */
const KEPT: Ms = seconds(2);

/** Which kinds the API server serves, as its discovery documents say. */
export class Discovery {
  readonly #transport: Transport;
  readonly #known = new Map<string, { readonly at: number; readonly plurals: ReadonlySet<string> }>();

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /** Throws FaultError when the API server does not say. */
  async served(resource: Resource, signal?: AbortSignal): Promise<boolean> {
    const path = groupPath(resource);
    const now = this.#transport.clock.monotonic();
    const known = this.#known.get(path);
    if (known !== undefined && now - known.at < KEPT) return known.plurals.has(resource.plural);
    const plurals = await this.#ask(path, signal);
    this.#known.set(path, { at: now, plurals });
    return plurals.has(resource.plural);
  }

  async #ask(path: string, signal: AbortSignal | undefined): Promise<ReadonlySet<string>> {
    let text: string;
    try {
      text = await this.#transport.send({ verb: 'discover', path, about: path, signal });
    } catch (error) {
      // The whole group is unknown.
      if (faultOf(error).code === 'kind_not_served') return new Set();
      throw error;
    }
    const { resources } = parseObject(text, `discover ${path}`);
    const plurals = new Set<string>();
    const listed: readonly Json[] = Array.isArray(resources) ? resources : [];
    for (const each of listed)
      if (isJsonObject(each) && typeof each['name'] === 'string') plurals.add(each['name']);
    return plurals;
  }
}
