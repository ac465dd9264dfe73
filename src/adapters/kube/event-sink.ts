import type { BridgeEvent } from '../../domain/event.ts';
import type { JsonObject } from '../../domain/json.ts';
import { keyOf, nameOf, namespaceOf, type Key } from '../../domain/key.ts';
import { apiVersionOf, RESOURCES } from '../../domain/k8s/resources.ts';
import { rfc3339 } from '../../domain/rfc3339.ts';
import type { EventSink, Occurrence } from '../../ports/event-sink.ts';
import { asObject, parseObject } from './objects.ts';
import { collectionPath, objectName, objectPath, queryOf, resourceName } from './paths.ts';
import type { Transport } from './transport.ts';
import { FIELD_MANAGER } from './writer.ts';

const COMPONENT = 'hpa-bridge';
/** What the API server takes for the note of an event. */
const LONGEST = 1024;
/** Events of objects without a namespace live here. */
const FALLBACK = 'default';

/** The text, or as much of its beginning as `longest` bytes of UTF-8 hold, with an ellipsis. */
export function cutBytes(text: string, longest: number): string {
  const bytes = Buffer.from(text);
  if (bytes.length <= longest) return text;
  let end = longest - Buffer.byteLength('…');
  // A byte of the form 10xxxxxx continues a character.
  while (end > 0 && ((bytes[end] ?? 0) & 0xc0) === 0x80) end -= 1;
  return `${bytes.toString('utf8', 0, end)}…`;
}

function bodyOf(
  { about, type, reason, message }: BridgeEvent,
  occurred: Occurrence,
  instance: string,
): JsonObject {
  const [namespace, name] = [namespaceOf(about.key), nameOf(about.key)];
  const at = rfc3339(occurred.at);
  return {
    apiVersion: apiVersionOf(RESOURCES.Event),
    kind: RESOURCES.Event.kind,
    metadata: { generateName: `${name}.`, namespace: namespace === '' ? FALLBACK : namespace },
    involvedObject: { apiVersion: about.apiVersion, kind: about.kind, namespace, name, uid: about.uid },
    type,
    reason,
    message: cutBytes(message, LONGEST),
    source: { component: COMPONENT },
    reportingComponent: COMPONENT,
    reportingInstance: instance,
    firstTimestamp: at,
    lastTimestamp: at,
    count: occurred.count,
  };
}

/** Events of core/v1, as `kubectl describe` shows them. `instance` is our pod's name. */
export function eventSink(transport: Transport, instance: string): EventSink {
  const resource = RESOURCES.Event;
  const query = queryOf({ fieldManager: FIELD_MANAGER });
  const create = async (event: BridgeEvent, occurred: Occurrence): Promise<Key> => {
    const body = bodyOf(event, occurred, instance);
    const namespace = namespaceOf(event.about.key) === '' ? FALLBACK : namespaceOf(event.about.key);
    const about = `${resourceName(resource)} about ${event.about.key}`;
    const text = await transport.send({
      verb: 'create',
      path: `${collectionPath(resource, namespace)}${query}`,
      about,
      contentType: 'application/json',
      body: JSON.stringify(body),
    });
    const { metadata } = asObject(parseObject(text, `create ${about}`), resource, `create ${about}`);
    return keyOf(namespace, metadata.name);
  };
  const increment = async (existing: Key, { count, at }: Occurrence, message: string): Promise<void> => {
    const body = { count, lastTimestamp: rfc3339(at), message: cutBytes(message, LONGEST) };
    await transport.send({
      verb: 'patch',
      path: `${objectPath(resource, existing)}${query}`,
      about: objectName(resource, existing),
      contentType: 'application/merge-patch+json',
      body: JSON.stringify(body),
    });
  };
  return { create, increment };
}
