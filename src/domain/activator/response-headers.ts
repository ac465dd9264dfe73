import type { HeaderList } from './headers.ts';
import { HOP_BY_HOP, namedByConnection } from './hop-by-hop.ts';

/**
 * The headers of an answer as the client gets them: all but those for one hop, and the pseudo-header of HTTP/2. Names of announced trailers
 * stay, because trailers do.
 */
export function responseHeaders(raw: HeaderList): string[] {
  const hops = namedByConnection(connectionIn(raw));
  const out: string[] = [];
  for (let at = 0; at < raw.length; at += 2) {
    const name = raw[at] ?? '';
    const lower = name.toLowerCase();
    if ((HOP_BY_HOP.has(lower) && lower !== 'trailer') || hops.has(lower) || lower === ':status') continue;
    out.push(name, raw[at + 1] ?? '');
  }
  return out;
}

function connectionIn(raw: HeaderList): string {
  let found = '';
  for (let at = 0; at < raw.length; at += 2)
    if (raw[at]?.length === 10 && raw[at]?.toLowerCase() === 'connection') found += `${raw[at + 1] ?? ''},`;
  return found;
}
