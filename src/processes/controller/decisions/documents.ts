import type { Fault } from '../../../domain/fault.ts';
import type { HorizontalPodAutoscaler } from '../../../domain/k8s/read/children.ts';
import { keyOf, namespaceOf, type Key } from '../../../domain/key.ts';
import type { World } from '../../../domain/plan/world.ts';
import { decisionDocument } from '../../../domain/record/document.ts';
import { measuredOf } from '../../../domain/record/measured.ts';
import { autoscalerOf, scaledBy, shortCondition } from '../../../domain/record/joined.ts';
import type { DecisionList, RevisionDecisions } from '../../../domain/record/schema.ts';
import { err, ok, type Result } from '../../../domain/result.ts';
import { rfc3339 } from '../../../domain/rfc3339.ts';
import { shown } from '../../../domain/shown.ts';
import type { Clock } from '../../../ports/clock.ts';
import type { SeenScale } from '../measure/signals.ts';
import type { Cache } from '../observe.ts';
import type { DecisionBook } from './book.ts';

export interface DocumentParts {
  readonly book: Pick<DecisionBook, 'keys' | 'newest' | 'runs'>;
  readonly observe: (key: Key) => World | undefined;
  /** How many pods there are: a look that decides nothing. */
  readonly scaleOf: (key: Key) => Pick<SeenScale, 'replicas' | 'readyPods'>;
  readonly horizontalPodAutoscalers: Cache<HorizontalPodAutoscaler>;
  readonly identity: string;
  readonly leads: (revision: Key) => boolean;
  readonly clock: Pick<Clock, 'now'>;
}

/** What a page of the list is asked with; absent parameters are undefined. */
export interface ListAsked {
  readonly namespace: string | undefined;
  readonly limit: string | undefined;
  readonly continue: string | undefined;
}

/** Tells what was decided, from memory. */
export interface DecisionDocuments {
  readonly list: (asked: ListAsked) => Result<DecisionList, Fault>;
  /** `not_found` where there is no revision of ours with that name. */
  readonly revision: (key: Key) => Result<RevisionDecisions, Fault>;
}

/** Parameters of a path and of a query. */
export type Asked = Readonly<Record<string, string | undefined>>;

/** Where they are served. */
// eslint-disable-next-line @typescript-eslint/explicit-module-boundary-types -- the inferred type is the table itself
export const decisionPages = (documents: DecisionDocuments) => ({
  '/decisions': ({ namespace, limit, continue: after }: Asked) =>
    documents.list({ namespace, limit, continue: after }),
  '/decisions/:namespace/:revision': ({ namespace = '', revision = '' }: Asked) =>
    documents.revision(keyOf(namespace, revision)),
});

const MOST = 500;
const USUAL = 100;

export function decisionDocuments(parts: DocumentParts): DecisionDocuments {
  const headOf = (...revisions: readonly Key[]): Pick<DecisionList, 'apiVersion' | 'at' | 'replica'> => ({
    apiVersion: 'hpa-bridge.dev/v1alpha1',
    at: rfc3339(parts.clock.now()),
    replica: { name: parts.identity, leads: revisions.some((key) => parts.leads(key)) },
  });
  return {
    list: (asked) => {
      const limit = limitOf(asked.limit);
      if (!limit.ok) return limit;
      const { page, more } = pageOf(parts.book, asked, limit.value);
      const items = page.flatMap((key) => itemOf(parts, key));
      return ok({ ...headOf(...page), kind: 'DecisionList', items, continue: more });
    },
    revision: (key) => {
      const world = parts.observe(key);
      return world === undefined ? err(unknown(key)) : ok({ ...headOf(key), ...ofRevision(parts, world) });
    },
  };
}

function limitOf(text: string | undefined): Result<number, Fault> {
  if (text === undefined) return ok(USUAL);
  const limit = /^\d{1,4}$/.test(text) ? Number(text) : 0;
  if (limit >= 1 && limit <= MOST) return ok(limit);
  return err({
    code: 'request_invalid',
    message: `limit is ${shown(text)}: expected a whole number from 1 to ${MOST}.`,
  });
}

function pageOf(
  book: DocumentParts['book'],
  { namespace, continue: after }: ListAsked,
  limit: number,
): { readonly page: readonly Key[]; readonly more: string | null } {
  const keys = [...book.keys()]
    .filter((key) => namespace === undefined || namespaceOf(key) === namespace)
    .filter((key) => after === undefined || key > after)
    .sort();
  const page = keys.slice(0, limit);
  const more = keys.length > page.length ? (page.at(-1) ?? null) : null;
  return { page, more };
}

function itemOf({ book, leads, scaleOf }: DocumentParts, revision: Key): DecisionList['items'] {
  const run = book.newest(revision);
  if (run === undefined) return [];
  const { at, lastAt, count, sentence, signal, rung, fault, from, pods } = decisionDocument(run);
  const { replicas, readyPods } = scaleOf(revision);
  return [
    {
      ...{ revision, sentence, at, lastAt, count, signal, rung, fault, from, pods },
      leads: leads(revision),
      measured: measuredOf(run.record),
      replicas: { wanted: replicas ?? null, ready: readyPods },
    },
  ];
}

const unknown = (key: Key): Fault => ({
  code: 'not_found',
  message: `There is no PodAutoscaler ${key} of a class that hpa-bridge serves.`,
});

function ofRevision(
  { book, horizontalPodAutoscalers }: DocumentParts,
  world: World,
): Omit<RevisionDecisions, 'apiVersion' | 'at' | 'replica'> {
  const { key, hpa, scaledObject, deployment, readyPods, pa } = world;
  const decisions = book.runs(key).map(decisionDocument);
  const kedas = scaledObject?.status.hpaName ?? '';
  const found =
    hpa ?? (kedas === '' ? undefined : horizontalPodAutoscalers.get(keyOf(namespaceOf(key), kedas)));
  return {
    kind: 'RevisionDecisions',
    revision: key,
    scaledBy: scaledBy(world, decisions.length > 0),
    replicas: { wanted: deployment?.spec.replicas ?? null, ready: readyPods },
    decisions,
    autoscaler: found === undefined ? null : autoscalerOf(found),
    conditions: pa.status.conditions.map(shortCondition),
  };
}
