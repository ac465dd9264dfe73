import { apiVersionOf } from '../../../domain/k8s/resources.ts';
import { badRequest, expired, invalid, invalidValue, StatusError } from '../status.ts';
import { EVERYTHING, fieldSelector, labelSelector, type Matches } from '../storage/selectors.ts';
import type { Snapshot, Store } from '../storage/store.ts';
import type { Place } from './path.ts';

/** The objects that a request is about. */
export function selectionOf(place: Place, query: URLSearchParams): Matches {
  const tests: Matches[] = [];
  const { namespace, name } = place;
  if (namespace !== undefined) tests.push((stored) => stored.namespace === namespace);
  if (name !== undefined) tests.push((stored) => stored.object.metadata.name === name);
  const labels = query.get('labelSelector') ?? '';
  const fields = query.get('fieldSelector') ?? '';
  if (labels !== '') tests.push(labelSelector(labels));
  if (fields !== '') tests.push(fieldSelector(fields, place.kind.plural));
  return tests.length === 0 ? EVERYTHING : (stored) => tests.every((test) => test(stored));
}

/** Reads a resource version from a query; `undefined` when there is none. */
export function versionIn(query: URLSearchParams): number | undefined {
  const text = query.get('resourceVersion') ?? '';
  if (text === '') return undefined;
  if (!/^\d+$/.test(text)) throw badRequest(`resourceVersion: must be a number, not ${JSON.stringify(text)}`);
  return Number(text);
}

/** Where the next page begins; in the form of the real server, so that tests can look inside. */
interface Token {
  readonly rv: number;
  /** The first key that may be sent. */
  readonly start: string;
}
const encode = (token: Token): string =>
  Buffer.from(JSON.stringify({ v: 'meta.k8s.io/v1', ...token })).toString('base64url');
function decode(text: string): Token {
  try {
    const { rv, start } = JSON.parse(Buffer.from(text, 'base64url').toString()) as Partial<Token>;
    if (typeof rv === 'number' && typeof start === 'string') return { rv, start };
  } catch {
    // Falls through to the refusal.
  }
  throw badRequest('continue: the token was not made by this server');
}

const tokenIn = (query: URLSearchParams): Token | undefined => {
  const token = query.get('continue') ?? '';
  return token === '' ? undefined : decode(token);
};

/** One page of a list as JSON text. */
export function listJson(store: Store, place: Place, query: URLSearchParams, metadataOnly: boolean): string {
  const { kind } = place;
  const from = tokenIn(query);
  const snapshot =
    from === undefined ? freshSnapshot(store, place, query) : olderSnapshot(store, place, from);
  const matches = selectionOf(place, query);
  const start = from?.start ?? '';
  const items = snapshot.items.filter((stored) => stored.key >= start && matches(stored));
  const page = items.slice(0, limitIn(query, from !== undefined));
  const left = items.length - page.length;
  const next = left === 0 ? undefined : { rv: snapshot.version, start: `${page.at(-1)?.key ?? ''}\0` };
  const metadata = {
    resourceVersion: String(snapshot.version),
    ...continuation(kind.custom && !metadataOnly, next),
    ...(left > 0 && !isSelected(query) ? { remainingItemCount: left } : {}),
  };
  const head = metadataOnly
    ? { kind: 'PartialObjectMetadataList', apiVersion: 'meta.k8s.io/v1', metadata }
    : { kind: `${kind.kind}List`, apiVersion: apiVersionOf(kind), metadata };
  const bodies = page.map((stored) => (metadataOnly ? stored.partialJson : stored.itemJson));
  return `${JSON.stringify(head).slice(0, -1)},"items":[${bodies.join(',')}]}`;
}

const isSelected = (query: URLSearchParams): boolean =>
  ['labelSelector', 'fieldSelector'].some((name) => (query.get(name) ?? '') !== '');

/** Lists of custom resources say also that there is no further page, those of the server's own kinds say nothing. */
const continuation = (said: boolean, next: Token | undefined): { readonly continue?: string } => {
  if (next !== undefined) return { continue: encode(next) };
  return said ? { continue: '' } : {};
};

function limitIn(query: URLSearchParams, continued: boolean): number {
  const limit = Number(query.get('limit') ?? '0');
  if (!Number.isInteger(limit)) throw badRequest('limit: must be a whole number');
  // Version 0 means "whatever is in memory", and that is always sent whole.
  const fromMemory = !continued && query.get('resourceVersion') === '0';
  return limit <= 0 || fromMemory ? Infinity : limit;
}

function freshSnapshot(store: Store, { kind }: Place, query: URLSearchParams): Snapshot {
  const match = query.get('resourceVersionMatch') ?? '';
  const version = versionIn(query);
  if (match !== '' && version === undefined)
    throw listOptions('resourceVersionMatch', match, 'needs a resourceVersion');
  if (version === undefined || version === 0) return store.now(kind);
  if (version > store.version) throw tooLarge(version, store.version);
  if (match !== 'Exact') return store.now(kind);
  return store.at(kind, version) ?? refuseOld(version, store.version);
}

function olderSnapshot(store: Store, { kind }: Place, { rv, start }: Token): Snapshot {
  const snapshot = store.at(kind, rv);
  if (snapshot !== undefined) return snapshot;
  throw expired(
    'continue: the token is older than the history of this server; list from the start',
    encode({ rv: store.version, start }),
  );
}

const refuseOld = (version: number, now: number): never => {
  throw tooOld(version, now);
};
export const tooOld = (version: number, now: number): StatusError =>
  expired(`too old resource version: ${version} (${now})`);
export const listOptions = (field: string, value: string, why: string): StatusError =>
  invalid({ group: 'meta.k8s.io', plural: 'listoptions', kind: 'ListOptions' }, '', [
    invalidValue(field, value, why),
  ]);
const tooLarge = (version: number, now: number): StatusError =>
  new StatusError(504, 'Timeout', `Too large resource version: ${version}, current: ${now}`, {
    causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version', field: '' }],
    retryAfterSeconds: 1,
  });
