import { FaultError } from '../../domain/fault.ts';
import { nameOf, namespaceOf, type Key } from '../../domain/key.ts';
import { readDecisions } from '../../domain/record/read-answer.ts';
import type { RevisionDecisions } from '../../domain/record/schema.ts';
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
    const said = await answerOf(get, path, signal);
    if (typeof said === 'string') problems.push(`${name}: ${said}`);
    else if (said.replica.leads) return said;
    else told ??= said;
  }
  if (told !== undefined) return told;
  throw new FaultError({
    code: 'api_unavailable',
    message: `No replica of hpa-bridge could be asked. ${problems.join(' ')}`,
  });
}

/** A document, or why there is none and another replica may have it. Throws what every replica would say. */
async function answerOf(
  get: HttpGet,
  path: string,
  signal: AbortSignal,
): Promise<RevisionDecisions | string> {
  let got: Got;
  try {
    got = await get(path, signal);
  } catch (thrown) {
    if (!(thrown instanceof FaultError)) throw thrown;
    return thrown.message;
  }
  const answer = readDecisions(got.status, got.body);
  switch (answer.is) {
    case 'decisions':
      return answer.decisions;
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
