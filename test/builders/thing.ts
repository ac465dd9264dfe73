import { z } from 'zod';
import type { Fault } from '../../src/domain/fault.ts';
import type { JsonObject } from '../../src/domain/json.ts';
import { metaView, type KubeObject } from '../../src/domain/k8s/meta.ts';
import type { Resource } from '../../src/domain/k8s/resources.ts';
import { err, ok, type Result } from '../../src/domain/result.ts';

/** A kind of no meaning, for what works with any kind. */
export const THINGS: Resource = { group: 'example.com', version: 'v1', plural: 'things', kind: 'Thing' };

const thingView = z.object({ metadata: metaView, size: z.number().default(0) });
export type Thing = z.output<typeof thingView>;

export const parseThing = (object: KubeObject): Result<Thing, Fault> => {
  const read = thingView.safeParse(object);
  return read.success ? ok(read.data) : err({ code: 'object_invalid', message: read.error.message });
};

/** A thing of the namespace `ns`, as the API server sends it. */
export const thingObject = (
  name: string,
  resourceVersion: string,
  metadata: JsonObject = {},
  fields: JsonObject = {},
): KubeObject => ({
  apiVersion: 'example.com/v1',
  kind: 'Thing',
  metadata: { namespace: 'ns', uid: `uid-${name}`, ...metadata, name, resourceVersion },
  ...fields,
});

export const thing = (name: string, resourceVersion: string, metadata: JsonObject = {}): Thing =>
  thingView.parse(thingObject(name, resourceVersion, metadata));
