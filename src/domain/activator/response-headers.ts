import { joinedIn, type HeaderList } from './headers.ts';
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
  const hops = namedByConnection(joinedIn(raw, 'connection') ?? '');
  const out: string[] = [];
  for (let at = 0; at < raw.length; at += 2) {
    const name = raw[at] ?? '';
    const lower = name.toLowerCase();
    if (HOP_BY_HOP.has(lower) || hops.has(lower) || lower === ':status') continue;
    out.push(name, raw[at + 1] ?? '');
  }
  const announced = joinedIn(raw, 'trailer');
  if (announced !== undefined && chunked && joinedIn(raw, 'content-length') === undefined)
    out.push('trailer', announced);
  return out;
}
