import type { HeaderList } from './headers.ts';
import { HOP_BY_HOP, namedByConnection } from './hop-by-hop.ts';

/** Whether the body of an answer may come in pieces that trailers can follow: HTTP/1.0 has none. */
export interface Framing {
  readonly chunked: boolean;
}

/**
 * The headers of an answer as the client gets them: all but those for one hop, and the pseudo-header of HTTP/2. Names of announced trailers
 * stay where there can be trailers.
 */
export function responseHeaders(raw: HeaderList, { chunked }: Framing): string[] {
  const hops = namedByConnection(connectionIn(raw));
  const out: string[] = [];
  let announced: string | undefined;
  let hasLength = false;
  for (let at = 0; at < raw.length; at += 2) {
    const name = raw[at] ?? '';
    const value = raw[at + 1] ?? '';
    const lower = name.toLowerCase();
    if (lower === 'trailer') announced = announced === undefined ? value : `${announced}, ${value}`;
    if (HOP_BY_HOP.has(lower) || hops.has(lower) || lower === ':status') continue;
    hasLength ||= lower === 'content-length';
    out.push(name, value);
  }
  if (announced !== undefined && chunked && !hasLength) out.push('trailer', announced);
  return out;
}

function connectionIn(raw: HeaderList): string {
  let found = '';
  for (let at = 0; at < raw.length; at += 2)
    if (raw[at]?.length === 10 && raw[at]?.toLowerCase() === 'connection') found += `${raw[at + 1] ?? ''},`;
  return found;
}
