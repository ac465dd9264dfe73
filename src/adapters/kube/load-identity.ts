import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { authorityOf } from '../../domain/authority.ts';
import { listedIn, readText, refused, type Identity, type KubeSource } from './identity.ts';

const SERVICE_ACCOUNT = '/var/run/secrets/kubernetes.io/serviceaccount';

/** The pod's own token and CA, read without the help of a library: a pod need not load one to be let in. */
function inCluster({ env, serviceAccount = SERVICE_ACCOUNT }: KubeSource): Identity {
  const host = env['KUBERNETES_SERVICE_HOST'] ?? '';
  const server = `https://${authorityOf(host, env['KUBERNETES_SERVICE_PORT'] ?? '443')}`;
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
