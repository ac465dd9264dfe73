import { readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { FaultError } from '../../domain/fault.ts';
import type { Access } from './credentials.ts';
import { codeOfError } from './network-errors.ts';

/** Where the cluster and our identity in it are described. */
export interface KubeSource {
  /** An explicit kubeconfig file; wins over everything else. */
  readonly path?: string | undefined;
  /** A context other than the file's current one. */
  readonly context?: string | undefined;
  /** `KUBECONFIG`, `HOME`, `KUBERNETES_SERVICE_HOST` and `KUBERNETES_SERVICE_PORT` are read from here. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Where a pod finds its token, CA and namespace. */
  readonly serviceAccount?: string | undefined;
}

/** A cluster and who we are in it, as loaded. */
export interface Identity {
  readonly server: URL;
  /** The namespace of the context, or of the pod. */
  readonly namespace: string | undefined;
  readonly proxy: string | undefined;
  /** Reads the files that were named, and runs the plugins. Throws `config_invalid` with one sentence. */
  access(): Promise<Access>;
}

const SERVICE_ACCOUNT = '/var/run/secrets/kubernetes.io/serviceaccount';

export const refused = (message: string, cause?: unknown): FaultError =>
  new FaultError({ code: 'config_invalid', message }, cause);

const WHY: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EACCES: 'its permissions do not let us read it',
  EISDIR: 'it is a directory',
};

/** Reads a text file; `what` names it in the sentence of a failure. */
export function readText(path: string, what: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const code = codeOfError(error);
    const why = WHY[code] ?? `reading fails (${code})`;
    throw refused(`${what} ${path} cannot be read: ${why}.`, error);
  }
}

/** The pod's own token and CA, read without the help of a library: a pod need not load one to be let in. */
function inCluster({ env, serviceAccount = SERVICE_ACCOUNT }: KubeSource): Identity {
  const host = env['KUBERNETES_SERVICE_HOST'] ?? '';
  const server = `https://${host.includes(':') ? `[${host}]` : host}:${env['KUBERNETES_SERVICE_PORT'] ?? '443'}`;
  if (!URL.canParse(server))
    throw refused(`KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT name no address: ${server}.`);
  let namespace: string | undefined;
  try {
    namespace = readFileSync(join(serviceAccount, 'namespace'), 'utf8').trim();
  } catch {
    // Only a default: everything else works without it.
  }
  return {
    server: new URL(server),
    namespace,
    proxy: undefined,
    access: () =>
      Promise.resolve().then(() => ({
        headers: {
          Authorization: `Bearer ${readText(join(serviceAccount, 'token'), 'The token of the pod').trim()}`,
        },
        tls: { ca: readText(join(serviceAccount, 'ca.crt'), 'The CA of the API server') },
      })),
  };
}

/**
 * Loads the description of the cluster: the explicit path, else the files of `KUBECONFIG`, else the pod's service account, else
 * `~/.kube/config`. What reads kubeconfigs is big, and only loaded where there is one. Throws `config_invalid` with one sentence.
 */
export async function loadIdentity(source: KubeSource): Promise<Identity> {
  const { path, env } = source;
  const named = path !== undefined || listedIn(env).length > 0;
  if (!named && (env['KUBERNETES_SERVICE_HOST'] ?? '') !== '') return inCluster(source);
  return (await import('./kubeconfig.ts')).loadKubeconfig(source);
}

/** The files that `KUBECONFIG` lists. */
export const listedIn = (env: KubeSource['env']): readonly string[] =>
  (env['KUBECONFIG'] ?? '').split(delimiter).filter((file) => file !== '');
