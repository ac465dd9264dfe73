import type { HeaderList } from './headers.ts';
import { HOP_BY_HOP, namedByConnection, tokensIn } from './hop-by-hop.ts';

/** Where a request goes, and what has to be told about whence it came. */
export interface Forwarding {
  /** What the client asked for as Host (or :authority). */
  readonly host: string;
  /** The address of the client, without port. */
  readonly peer: string;
  /** The value of the header Connection; empty where there is none. */
  readonly connection: string;
  /** Headers that a mesh asks for. They stand for those of the same name that the client sent. */
  readonly extra: HeaderList;
}

/** Never passed on: they say where to, which is decided, or are written anew. */
const OURS: ReadonlySet<string> = new Set([
  'host',
  'expect',
  'k-network-hash',
  'k-proxy-request',
  'knative-serving-namespace',
  'knative-serving-revision',
]);

/** What is written anew from what the client sent. */
interface Told {
  /** Those whom the request came by, each followed by a comma. */
  forwardedFor: string;
  originalHost: string;
  trailers: boolean;
}

/**
 * The headers of a request as the pod gets them, in lower case, all but Host: as Knative's activator and Go's ReverseProxy write them
 * (serving: pkg/activator/handler/handler.go; Go: net/http/httputil/reverseproxy.go). Pseudo-headers of HTTP/2 are left out, the length of
 * the body stays.
 */
export function requestHeaders(raw: HeaderList, to: Forwarding): string[] {
  const hops = namedByConnection(to.connection);
  const replaced = namesIn(to.extra);
  const told: Told = { forwardedFor: '', originalHost: '', trailers: false };
  const out: string[] = [];
  for (let at = 0; at < raw.length; at += 2) {
    const name = (raw[at] ?? '').toLowerCase();
    const value = raw[at + 1] ?? '';
    if (name === 'te') told.trailers ||= tokensIn(value).includes('trailers');
    if (isDropped(name, hops) || replaced.has(name) || isTold(told, name, value)) continue;
    out.push(name, value);
  }
  if (told.trailers) out.push('te', 'trailers');
  out.push('k-original-host', told.originalHost === '' ? to.host : told.originalHost);
  out.push('k-proxy-request', 'activator', 'x-forwarded-for', told.forwardedFor + to.peer, ...to.extra);
  return out;
}

function isTold(told: Told, name: string, value: string): boolean {
  if (name === 'x-forwarded-for') told.forwardedFor += `${value}, `;
  else if (name === 'k-original-host') told.originalHost ||= value;
  else return false;
  return true;
}

const NONE: ReadonlySet<string> = new Set();

const namesIn = (list: HeaderList): ReadonlySet<string> =>
  list.length === 0 ? NONE : new Set(list.filter((_, i) => i % 2 === 0).map((name) => name.toLowerCase()));

const isDropped = (name: string, hops: ReadonlySet<string>): boolean =>
  HOP_BY_HOP.has(name) || OURS.has(name) || hops.has(name) || name.charCodeAt(0) === COLON;

const COLON = 58;
