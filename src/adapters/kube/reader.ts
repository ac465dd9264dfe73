import { faultOf, FaultError } from '../../domain/fault.ts';
import { isJsonObject, type Json } from '../../domain/json.ts';
import type { Key } from '../../domain/key.ts';
import type { KubeObject } from '../../domain/k8s/meta.ts';
import type { Resource } from '../../domain/k8s/resources.ts';
import type { Ms } from '../../domain/time.ts';
import type { KubeReader, Page, Selection, WatchEvent } from '../../ports/kube.ts';
import { Discovery } from './discovery.ts';
import { LineSplitter } from './lines.ts';
import { asObject, parseObject } from './objects.ts';
import { collectionPath, objectName, objectPath, queryOf, resourceName } from './paths.ts';
import type { Transport } from './transport.ts';
import { parseWatchLine } from './watch-line.ts';

/** Objects per page, unless the caller says otherwise: a page is parsed in one go. */
const PAGE = 200;

const partial = (kind: string): string => `application/json;as=${kind};g=meta.k8s.io;v=v1,application/json`;

const aboutOf = ({ resource, namespace }: Selection): string =>
  namespace === undefined ? resourceName(resource) : `${resourceName(resource)} in ${namespace}`;

const selectorsOf = ({ labelSelector, fieldSelector }: Selection): Record<string, string | undefined> => ({
  labelSelector,
  fieldSelector,
});

async function list(
  transport: Transport,
  selection: Selection,
  page: { readonly limit?: number; readonly continue?: string },
  signal: AbortSignal,
): Promise<Page> {
  const about = aboutOf(selection);
  const query = queryOf({ ...selectorsOf(selection), limit: page.limit ?? PAGE, continue: page.continue });
  const text = await transport.send({
    verb: 'list',
    path: `${collectionPath(selection.resource, selection.namespace)}${query}`,
    about,
    ...(selection.metadataOnly === true ? { accept: partial('PartialObjectMetadataList') } : {}),
    signal,
  });
  await transport.clock.giveWay(); // answers that arrived together are not parsed in one turn
  return pageOf(text, selection.resource, `list ${about}`);
}

function pageOf(text: string, resource: Resource, asked: string): Page {
  const { items, metadata } = parseObject(text, asked);
  const meta = isJsonObject(metadata) ? metadata : {};
  const { resourceVersion, continue: more } = meta;
  // Go prints an empty list as null.
  const list: readonly Json[] | undefined = items === null ? [] : Array.isArray(items) ? items : undefined;
  if (list === undefined || typeof resourceVersion !== 'string')
    throw new FaultError({ code: 'api_unavailable', message: `The answer to ${asked} is not a list.` });
  return {
    items: list.map((item) => asObject(item, resource, asked)),
    resourceVersion,
    ...(typeof more === 'string' && more !== '' ? { continue: more } : {}),
  };
}

interface From {
  readonly resourceVersion: string;
  readonly timeout: Ms;
  readonly idle: Ms;
}

/** Stops a watch that says nothing for too long. It only runs while we wait for the server, never while the caller is busy. */
class Watchdog {
  readonly #stop = new AbortController();
  readonly #arm: (bark: () => void) => () => void;
  readonly #fault: FaultError;
  #cancel: () => void = () => undefined;

  constructor(arm: (bark: () => void) => () => void, fault: FaultError) {
    this.#arm = arm;
    this.#fault = fault;
  }

  get signal(): AbortSignal {
    return this.#stop.signal;
  }

  wait(): void {
    this.#cancel = this.#arm(() => this.#stop.abort(this.#fault));
  }

  rest(): void {
    this.#cancel();
  }

  /** Also ends the stream, whoever still reads it. */
  end(): void {
    this.#cancel();
    this.#stop.abort(this.#fault);
  }
}

async function* watch(
  transport: Transport,
  selection: Selection,
  from: From,
  signal: AbortSignal,
): AsyncGenerator<WatchEvent> {
  const about = aboutOf(selection);
  const { clock } = transport;
  const dog = new Watchdog(
    (bark) => clock.after(from.idle, bark),
    new FaultError({
      code: 'api_unavailable',
      message: `The watch of ${about} said nothing for ${Math.round(from.idle / 1000)} s, not even a bookmark.`,
    }),
  );
  const query = queryOf({
    ...selectorsOf(selection),
    watch: true,
    allowWatchBookmarks: true,
    resourceVersion: from.resourceVersion,
    timeoutSeconds: Math.max(1, Math.ceil(from.timeout / 1000)),
  });
  try {
    dog.wait();
    const chunks = await transport.open({
      verb: 'watch',
      path: `${collectionPath(selection.resource, selection.namespace)}${query}`,
      about,
      ...(selection.metadataOnly === true ? { accept: partial('PartialObjectMetadata') } : {}),
      signal: AbortSignal.any([signal, dog.signal]),
    });
    const lines = linesOf(chunks, dog, `watch ${about}`);
    for await (const line of lines)
      yield parseWatchLine(line, { resource: selection.resource, asked: `watch ${about}`, now: clock.now() });
  } finally {
    dog.end();
  }
}

async function* linesOf(
  chunks: AsyncIterable<Uint8Array>,
  dog: Watchdog,
  asked: string,
): AsyncGenerator<string> {
  const splitter = new LineSplitter();
  for await (const chunk of chunks) {
    dog.rest();
    yield* split(splitter, chunk, asked);
    dog.wait();
  }
  dog.rest();
  if (splitter.rest() !== '')
    throw new FaultError({
      code: 'api_unavailable',
      message: `The answer to ${asked} ended in the middle of a line.`,
    });
}

function split(splitter: LineSplitter, chunk: Uint8Array, asked: string): string[] {
  try {
    return splitter.push(chunk);
  } catch (error) {
    throw new FaultError({
      code: 'internal',
      message: `In the answer to ${asked}, ${faultOf(error).message}.`,
    });
  }
}

async function get(
  transport: Transport,
  resource: Resource,
  key: Key,
  signal: AbortSignal | undefined,
): Promise<KubeObject> {
  const about = objectName(resource, key);
  const text = await transport.send({ verb: 'get', path: objectPath(resource, key), about, signal });
  return asObject(parseObject(text, `get ${about}`), resource, `get ${about}`);
}

/** Reads through `transport`. An aborted signal rejects with its reason, everything else with FaultError. */
export function kubeReader(transport: Transport): KubeReader {
  const discovery = new Discovery(transport);
  return {
    list: (selection, page, signal) => list(transport, selection, page, signal),
    watch: (selection, from, signal) => watch(transport, selection, from, signal),
    get: (resource, key, signal) => get(transport, resource, key, signal),
    served: (resource, signal) => discovery.served(resource, signal),
  };
}
