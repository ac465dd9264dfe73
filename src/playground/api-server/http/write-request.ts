import { isJsonObject, type Json, type JsonObject } from '../../../domain/json.ts';
import { badRequest, methodNotAllowed, notFound, resourceName, unsupportedMediaType } from '../status.ts';
import type { Stored } from '../storage/stored.ts';
import type { Store } from '../storage/store.ts';
import { defined, objectIn, textIn, textsIn } from '../fields.ts';
import type { DeleteOptions, NamedTarget, Objects, PatchType, WriteOptions } from '../write/objects.ts';
import { patchedScale, scaleOf, writeScale } from '../write/scale.ts';
import { json, type Answer } from './exchange.ts';
import { selectionOf } from './list.ts';
import type { Place } from './path.ts';
import { isTrue } from './watch.ts';

export interface WriteRequest {
  readonly method: string;
  readonly place: Place;
  readonly query: URLSearchParams;
  readonly contentType: string;
  readonly userAgent: string;
  /** `null` when the request has no body. */
  readonly body: Json;
}

const PATCHES: Readonly<Record<string, PatchType>> = {
  'application/apply-patch+yaml': 'apply',
  'application/apply-patch+json': 'apply',
  'application/merge-patch+json': 'merge',
  'application/json-patch+json': 'json',
  'application/strategic-merge-patch+json': 'strategic',
};

const stored = (code: number, { json: body }: Stored): Answer => ({ code, body });

/** Answers POST, PUT, PATCH and DELETE. */
export function answerWrite(store: Store, objects: Objects, request: WriteRequest): Answer {
  const { method, place } = request;
  if (method === 'DELETE' && place.name === undefined) return removeAll(store, objects, request);
  if (method === 'POST') return create(objects, request);
  const target = namedTarget(place);
  if (place.subresource === 'scale') return answerScale(objects, target, request);
  if (method === 'DELETE') return remove(objects, target, request);
  const options = writeOptions(request);
  if (method === 'PUT') return stored(200, objects.replace(target, request.body, options).stored);
  if (method !== 'PATCH') throw methodNotAllowed();
  const outcome = objects.patch(target, patchType(request.contentType), request.body, options);
  return stored(outcome.created ? 201 : 200, outcome.stored);
}

export function namedTarget({ kind, namespace, name, subresource }: Place): NamedTarget {
  if (name === undefined) throw methodNotAllowed();
  if (subresource === undefined || (subresource === 'scale' && kind.scale !== undefined))
    return { kind, namespace, name, subresource: undefined };
  if (subresource === 'status' && kind.status) return { kind, namespace, name, subresource };
  throw notFound(kind, `${name}/${subresource}`);
}

function create(objects: Objects, request: WriteRequest): Answer {
  const { kind, namespace, name } = request.place;
  if (name !== undefined) throw methodNotAllowed();
  const target = { kind, namespace, name: undefined, subresource: undefined };
  if (kind.namespaced && namespace === undefined)
    throw badRequest(`${resourceName(kind)} are created in a namespace: the path must name it`);
  return stored(201, objects.create(target, request.body, writeOptions(request)).stored);
}

function answerScale(objects: Objects, target: NamedTarget, request: WriteRequest): Answer {
  const { method, body } = request;
  if (method !== 'PUT' && method !== 'PATCH') throw methodNotAllowed();
  const type = method === 'PATCH' ? patchType(request.contentType) : 'merge';
  if (type === 'apply') throw unsupportedMediaType(request.contentType);
  const read = method === 'PUT' ? () => body : patchedScale(type, body);
  return json(200, scaleOf(writeScale(objects, target, read, writeOptions(request))));
}

function patchType(contentType: string): PatchType {
  const type = PATCHES[contentType.split(';')[0]?.trim() ?? ''];
  if (type === undefined) throw unsupportedMediaType(contentType);
  return type;
}

function writeOptions({ query, userAgent, contentType }: WriteRequest): WriteOptions {
  const named = query.get('fieldManager') ?? '';
  if (named.length > 128) throw badRequest('fieldManager: must be no more than 128 characters');
  const applies = contentType.includes('apply-patch');
  return {
    fieldManager: named !== '' || applies ? named : (userAgent.split('/')[0] ?? ''),
    dryRun: query.get('dryRun') === 'All',
    force: isTrue(query.get('force')),
  };
}

function remove(objects: Objects, target: NamedTarget, request: WriteRequest): Answer {
  if (target.subresource !== undefined) throw methodNotAllowed();
  const { stored: last, gone } = objects.remove(target, deleteOptions(request));
  if (!gone || target.kind.plural === 'pods') return stored(200, last);
  const { kind } = target;
  return json(200, {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Success',
    details: {
      name: target.name,
      ...(kind.group === '' ? {} : { group: kind.group }),
      kind: kind.plural,
      uid: last.object.metadata['uid'],
    },
  });
}

function removeAll(store: Store, objects: Objects, request: WriteRequest): Answer {
  const { place, query } = request;
  const matches = selectionOf(place, query);
  const all = store.now(place.kind).items.filter(matches);
  for (const { kind, object } of all)
    objects.remove(
      { kind, namespace: object.metadata.namespace, name: object.metadata.name, subresource: undefined },
      deleteOptions(request),
    );
  return json(200, { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success' });
}

/** Options of a deletion come in the query or as a DeleteOptions body. */
function deleteOptions({ query, body }: WriteRequest): DeleteOptions {
  const said: JsonObject = isJsonObject(body) ? body : {};
  const policy = textIn(said, 'propagationPolicy') || query.get('propagationPolicy') || 'Background';
  if (!isPropagation(policy)) throw badRequest('propagationPolicy: must be Background, Foreground or Orphan');
  const grace = said['gracePeriodSeconds'] ?? query.get('gracePeriodSeconds');
  return {
    preconditions: defined(objectIn(said, 'preconditions')),
    propagationPolicy: policy,
    ...(grace === null ? {} : { gracePeriodSeconds: Number(grace) }),
    dryRun: query.get('dryRun') === 'All' || textsIn(said, 'dryRun').includes('All'),
  };
}

const isPropagation = (policy: string): policy is NonNullable<DeleteOptions['propagationPolicy']> =>
  ['Background', 'Foreground', 'Orphan'].includes(policy);
