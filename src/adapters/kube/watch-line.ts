import { FaultError } from '../../domain/fault.ts';
import { isJsonObject, type Json } from '../../domain/json.ts';
import type { Resource } from '../../domain/k8s/resources.ts';
import type { WatchEvent } from '../../ports/kube.ts';
import { faultOfErrorEvent, oneLine } from './errors.ts';
import { asObject } from './objects.ts';

/** What a line of a watch is about. */
export interface LineContext {
  readonly resource: Resource;
  /** For messages: `watch scaledobjects.keda.sh`. */
  readonly asked: string;
  /** The wall clock in milliseconds. */
  readonly now: number;
}

const malformed = (line: string, asked: string, why: string): FaultError =>
  new FaultError({
    code: 'internal',
    message: `A line of ${asked} ${why}; it begins with: ${oneLine(line, 80)}`,
  });

function parse(
  line: string,
  asked: string,
): { readonly type: Json | undefined; readonly object: Json | undefined } {
  try {
    const value = JSON.parse(line) as Json;
    if (isJsonObject(value)) return { type: value['type'], object: value['object'] };
  } catch {
    // Told below, without the parser's words.
  }
  throw malformed(line, asked, 'is not a watch event');
}

function bookmark(object: Json | undefined): string | undefined {
  const metadata = isJsonObject(object) ? object['metadata'] : undefined;
  const version = isJsonObject(metadata) ? metadata['resourceVersion'] : undefined;
  return typeof version === 'string' && version !== '' ? version : undefined;
}

/** One line of a watch as an event. Throws FaultError for an ERROR event (an expired version is `gone`) and `internal` for nonsense. */
export function parseWatchLine(line: string, { resource, asked, now }: LineContext): WatchEvent {
  const { type, object } = parse(line, asked);
  switch (type) {
    case 'ADDED':
    case 'MODIFIED':
    case 'DELETED':
      return { type, object: asObject(object, resource, asked) };
    case 'BOOKMARK': {
      const resourceVersion = bookmark(object);
      if (resourceVersion === undefined)
        throw malformed(line, asked, 'is a bookmark without a resourceVersion');
      return { type, resourceVersion };
    }
    case 'ERROR':
      throw new FaultError(faultOfErrorEvent(object, asked, now));
    default:
      throw malformed(line, asked, 'has a type that is not a watch event');
  }
}
