import { FaultError } from '../../domain/fault.ts';
import { nameOf, namespaceOf, type Key } from '../../domain/key.ts';
import { readDecisions } from '../../domain/record/read-answer.ts';
import {
  decisionListSchema,
  revisionDecisionsSchema,
  type DecisionList,
  type RevisionDecisions,
} from '../../domain/record/schema.ts';
import type { Got, HttpGet } from '../../ports/http-get.ts';

/** Whom to ask, and how they are called in a sentence. */
export interface Askable {
  readonly name: string;
  readonly get: HttpGet;
}

/** What a revision's decisions are, from who leads for it, or else from the first that can say it. Throws `FaultError` with one sentence where nobody can. */
export async function askDecisions(
  askable: readonly Askable[],
  revision: Key,
  signal: AbortSignal,
): Promise<RevisionDecisions> {
  const path = `/decisions/${encodeURIComponent(namespaceOf(revision))}/${encodeURIComponent(nameOf(revision))}`;
  const problems: string[] = [];
  let told: RevisionDecisions | undefined;
  for (const { name, get } of askable) {
    const said = await answerOf(get, path, revisionDecisionsSchema, signal);
    if (typeof said === 'string') problems.push(`${name}: ${said}`);
    else if (said.replica.leads) return said;
    else told ??= said;
  }
  if (told !== undefined) return told;
  throw nobody(problems);
}

const nobody = (problems: readonly string[]): FaultError =>
  new FaultError({
    code: 'api_unavailable',
    message: `No replica of hpa-bridge could be asked. ${problems.join(' ')}`,
  });

/** What replicas tell of all revisions, and why some could not be asked. */
export interface ListsTold {
  readonly lists: readonly DecisionList[];
  readonly problems: readonly string[];
}

/** The lists of all replicas, each with the items of all its pages. Throws `FaultError` with one sentence where nobody can be asked. */
export async function askLists(
  askable: readonly Askable[],
  namespace: string | undefined,
  signal: AbortSignal,
): Promise<ListsTold> {
  const told = await Promise.all(
    askable.map(async ({ name, get }) => {
      const said = await wholeList(get, namespace, signal);
      return typeof said === 'string' ? `${name}: ${said}` : said;
    }),
  );
  const problems = told.filter((said) => typeof said === 'string');
  if (problems.length === told.length) throw nobody(problems);
  return { lists: told.filter((said) => typeof said !== 'string'), problems };
}

async function wholeList(
  get: HttpGet,
  namespace: string | undefined,
  signal: AbortSignal,
): Promise<DecisionList | string> {
  const query = new URLSearchParams(namespace === undefined ? {} : { namespace });
  const items: DecisionList['items'] = [];
  for (;;) {
    const said = await answerOf(get, `/decisions?${query.toString()}`, decisionListSchema, signal);
    if (typeof said === 'string') return said;
    items.push(...said.items);
    if (said.continue === null) return { ...said, items };
    query.set('continue', said.continue);
  }
}

/** A document, or why there is none and another replica may have it. Throws what every replica would say. */
async function answerOf<T>(
  get: HttpGet,
  path: string,
  schema: Parameters<typeof readDecisions<T>>[0],
  signal: AbortSignal,
): Promise<T | string> {
  let got: Got;
  try {
    got = await get(path, signal);
  } catch (thrown) {
    if (!(thrown instanceof FaultError)) throw thrown;
    return thrown.message;
  }
  const answer = readDecisions(schema, got.status, got.body);
  switch (answer.is) {
    case 'document':
      return answer.document;
    case 'unknown-revision':
      throw new FaultError({ code: 'not_found', message: answer.message });
    case 'refusal':
      return answer.status === 403 ? `${answer.message}. ${WITHOUT_RIGHT}` : answer.message;
    case 'foreign':
      return `It answered ${answer.status} and no decisions: expected hpa-bridge of this version or a newer one.`;
  }
}

const WITHOUT_RIGHT =
  'Expected the right to get pods/proxy there, or kubectl port-forward to it and --url http://127.0.0.1:8080.';
