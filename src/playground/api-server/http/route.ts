import type { IncomingMessage, ServerResponse } from 'node:http';
import type { JsonObject } from '../../../domain/json.ts';
import type { KindRegistry } from '../kinds/registry.ts';
import { methodNotAllowed, StatusError } from '../status.ts';
import type { Store } from '../storage/store.ts';
import type { Objects } from '../write/objects.ts';
import { scaleOf } from '../write/scale.ts';
import { discover } from './discovery.ts';
import { json, parseBody, plain, readBody, refusal, send, type Answer } from './exchange.ts';
import { listJson } from './list.ts';
import { openapi } from './openapi.ts';
import { placeOf, type Place } from './path.ts';
import { isTrue, openWatch } from './watch.ts';
import type { WatchHub } from './watch-hub.ts';
import { answerWrite, namedTarget } from './write-request.ts';

/** What the routes work on. */
export interface Backend {
  readonly store: Store;
  readonly kinds: KindRegistry;
  readonly objects: Objects;
  readonly hub: WatchHub;
  /** When set, every request must carry it as its bearer token. */
  readonly token: string | undefined;
}

const HEALTH: ReadonlySet<string> = new Set(['/healthz', '/livez', '/readyz']);

/** Answers one request; whatever is thrown becomes a Status. */
export async function route(
  backend: Backend,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  try {
    const answer = await answerTo(backend, request, response);
    if (answer !== undefined) await send(request, response, answer);
  } catch (thrown) {
    if (response.headersSent) response.destroy();
    else await send(request, response, refusal(thrown));
  }
}

/** `undefined` when the answer is a stream that has been opened. */
async function answerTo(
  backend: Backend,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<Answer | undefined> {
  const { pathname, searchParams: query } = new URL(request.url ?? '/', 'http://server');
  const path = pathname.length > 1 && pathname.endsWith('/') ? pathname.slice(0, -1) : pathname;
  if (HEALTH.has(path)) return plain(200, 'ok');
  if (backend.token !== undefined && request.headers.authorization !== `Bearer ${backend.token}`)
    throw new StatusError(401, 'Unauthorized', 'Unauthorized');
  const reads = request.method === 'GET' || request.method === 'HEAD';
  const discovered = reads ? describe(path, backend.kinds) : undefined;
  if (discovered !== undefined) return json(200, discovered);
  const place = placeOf(path, backend.kinds);
  if (place === undefined) return NOT_SERVED;
  return reads
    ? read(backend, { place, query, request }, response)
    : write(backend, { place, query, request });
}

/** What the server says of itself. */
const describe = (path: string, kinds: KindRegistry): JsonObject | undefined =>
  discover(path, kinds) ?? openapi(path, kinds);

const NOT_SERVED = plain(404, '404 page not found\n');

async function write(backend: Backend, { place, query, request }: Request): Promise<Answer> {
  const { method = '', headers } = request;
  const contentType = headers['content-type'] ?? 'application/json';
  const text = await readBody(request);
  const { group, version, plural } = place.kind;
  // The kind may have gone while the body came.
  if (backend.kinds.find(group, version, plural) === undefined) return NOT_SERVED;
  const body = text === '' ? null : parseBody(text, contentType);
  const userAgent = headers['user-agent'] ?? '';
  return answerWrite(backend.store, backend.objects, { method, place, query, contentType, userAgent, body });
}

interface Request {
  readonly place: Place;
  readonly query: URLSearchParams;
  readonly request: IncomingMessage;
}

function read(
  { store, hub, objects }: Backend,
  { place, query, request }: Request,
  response: ServerResponse,
): Answer | undefined {
  const accept = request.headers.accept ?? '';
  const metadataOnly = accept.includes('as=PartialObjectMetadata');
  if (isTrue(query.get('watch'))) {
    if (place.subresource !== undefined) throw methodNotAllowed();
    openWatch(store, hub, { place, query, metadataOnly }, response);
    return undefined;
  }
  if (place.name === undefined) return { code: 200, body: listJson(store, place, query, metadataOnly) };
  const target = namedTarget(place);
  const stored = objects.get(target);
  if (place.subresource === 'scale') return json(200, scaleOf(stored));
  return { code: 200, body: metadataOnly ? stored.partialJson : stored.json };
}
