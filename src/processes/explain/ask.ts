import { z } from 'zod';
import { FaultError } from '../../domain/fault.ts';
import { nameOf, namespaceOf, type Key } from '../../domain/key.ts';
import { revisionDecisionsSchema, type RevisionDecisions } from '../../domain/record/schema.ts';
import type { Got, HttpGet } from '../../ports/http-get.ts';

/** Whom to ask, and how they are called in a sentence. */
export interface Askable {
  readonly name: string;
  readonly get: HttpGet;
}

const statusView = z.object({
  kind: z.literal('Status'),
  message: z.string().default(''),
  details: z.object({ group: z.string().default('') }).default({ group: '' }),
});

/** What a revision's decisions are, from the first that can say it. Throws `FaultError` with one sentence where nobody can. */
export async function askDecisions(
  askable: readonly Askable[],
  revision: Key,
  signal: AbortSignal,
): Promise<RevisionDecisions> {
  const path = `/decisions/${encodeURIComponent(namespaceOf(revision))}/${encodeURIComponent(nameOf(revision))}`;
  const problems: string[] = [];
  for (const { name, get } of askable) {
    const said = await answerOf(get, path, signal);
    if (typeof said !== 'string') return said;
    problems.push(`${name}: ${said}`);
  }
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
  const body = jsonIn(got.body);
  const found = revisionDecisionsSchema.safeParse(body);
  if (got.status === 200 && found.success) return found.data;
  const status = statusView.safeParse(body);
  if (!status.success)
    return `It answered ${got.status} and no decisions: expected hpa-bridge of this version or a newer one.`;
  const { message, details } = status.data;
  if (details.group === 'hpa-bridge.dev' && got.status === 404)
    throw new FaultError({ code: 'not_found', message });
  return got.status === 403 ? `${message}. ${WITHOUT_RIGHT}` : message;
}

const WITHOUT_RIGHT =
  'Expected the right to get pods/proxy there, or kubectl port-forward to it and --url http://127.0.0.1:8080.';

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
