import type { ServerResponse } from 'node:http';
import { StatusError } from '../status.ts';
import type { Store } from '../storage/store.ts';
import { listOptions, selectionOf, tooOld, versionIn } from './list.ts';
import type { Place } from './path.ts';
import {
  bookmarkFrame,
  eventFrame,
  frameFor,
  storedFrame,
  type FrameOf,
  type Watcher,
  type WatchHub,
} from './watch-hub.ts';

/** A stream that falls so many bytes behind is ended; its reader lists again. */
const BACKLOG_LIMIT = 64 * 1024 * 1024;
/** Streams are ended after 30 to 60 minutes unless the client asks for less. */
const LONGEST_MS = 30 * 60_000;

interface WatchRequest {
  readonly place: Place;
  readonly query: URLSearchParams;
  readonly metadataOnly: boolean;
}

/** Answers a watch: what the request has missed, then every change until the time is up. */
export function openWatch(
  store: Store,
  hub: WatchHub,
  request: WatchRequest,
  response: ServerResponse,
): void {
  const { place, query, metadataOnly } = request;
  const matches = selectionOf(place, query);
  const start = startOf(store, request, (type, stored) => storedFrame(type, stored, metadataOnly));
  response.writeHead(200, { 'content-type': 'application/json', 'cache-control': 'no-cache, private' });
  response.flushHeaders();
  if (start.frames.length > 0) response.write(start.frames.join(''));
  if (start.over) {
    response.end();
    return;
  }
  const watcher: Watcher = {
    kind: place.kind,
    matches,
    metadataOnly,
    bookmarks: isTrue(query.get('allowWatchBookmarks')),
    send: (frame) => {
      response.write(frame);
      if (response.writableLength > BACKLOG_LIMIT) response.destroy();
    },
    close: () => response.end(),
  };
  const leave = hub.add(watcher);
  const timer = setTimeout(() => response.end(), timeoutMs(query));
  response.once('close', () => {
    clearTimeout(timer);
    leave();
  });
}

export const isTrue = (text: string | null): boolean => text === 'true' || text === '1';

function timeoutMs(query: URLSearchParams): number {
  const asked = Number(query.get('timeoutSeconds') ?? '0');
  return asked > 0 ? asked * 1000 : LONGEST_MS * (1 + Math.random());
}

interface Start {
  readonly frames: readonly string[];
  /** True when the stream has nothing more to say. */
  readonly over: boolean;
}

/** What the stream begins with: the state, the changes since a version, or an error. */
function startOf(store: Store, { place, query }: WatchRequest, frame: FrameOf): Start {
  const { kind } = place;
  const matches = selectionOf(place, query);
  const version = versionIn(query);
  const initial = initialEvents(query);
  const state = (): readonly string[] =>
    store
      .now(kind)
      .items.filter(matches)
      .map((stored) => frame('ADDED', stored));
  if (initial === true)
    return { frames: [...state(), bookmarkFrame(kind, store.version, true)], over: false };
  if (initial === undefined && (version === undefined || version === 0))
    return { frames: state(), over: false };
  if (version === undefined || version === 0) return { frames: [], over: false };
  const missed = store.since(kind, version);
  if (missed === undefined) {
    const { status } = tooOld(version, store.version);
    return { frames: [eventFrame('ERROR', JSON.stringify(status))], over: true };
  }
  const frames = missed.map((change) => frameFor(change, matches, frame));
  return { frames: frames.filter((each) => each !== undefined), over: false };
}

/** `sendInitialEvents`, with the options that it needs. */
function initialEvents(query: URLSearchParams): boolean | undefined {
  const asked = query.get('sendInitialEvents');
  if (asked === null) return undefined;
  if (query.get('resourceVersionMatch') !== 'NotOlderThan')
    throw listOptions(
      'resourceVersionMatch',
      query.get('resourceVersionMatch') ?? '',
      'must be NotOlderThan with sendInitialEvents',
    );
  if (isTrue(asked) && !isTrue(query.get('allowWatchBookmarks')))
    throw new StatusError(422, 'Invalid', 'allowWatchBookmarks: must be true with sendInitialEvents');
  return isTrue(asked);
}
