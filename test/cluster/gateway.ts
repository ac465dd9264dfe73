import { KINDS } from './kinds.ts';
import { api } from './lab.ts';

export interface Answer {
  readonly status: number;
  readonly text: string;
}

interface Asked {
  /** Path and query. */
  readonly path?: string;
  /** Of the public Service, where it is known. */
  readonly address?: string;
  readonly signal?: AbortSignal;
}

export const addressOf = async (namespace: string, revision: string): Promise<string> =>
  (await api.get(KINDS.coreService, namespace, revision)).spec.clusterIP;

/** One request as a gateway sends it, to the address of the revision's Service, over a connection of its own. */
export async function ask(
  namespace: string,
  revision: string,
  { path = '/', address, signal }: Asked = {},
): Promise<Answer> {
  const answer = await fetch(`http://${address ?? (await addressOf(namespace, revision))}${path}`, {
    headers: {
      connection: 'close',
      'Knative-Serving-Revision': revision,
      'Knative-Serving-Namespace': namespace,
    },
    signal: signal ?? null,
  });
  return { status: answer.status, text: await answer.text() };
}
