import { readFileSync } from 'node:fs';
import { delimiter, dirname, isAbsolute, join } from 'node:path';
import { KubeConfig } from '@kubernetes/client-node';
import { parseDocument } from 'yaml';
import { z } from 'zod';
import { FaultError } from '../../domain/fault.ts';
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

/** A cluster and a user, as loaded. The files that they name are read later, and again when they change. */
export interface Identity {
  readonly config: KubeConfig;
  readonly server: URL;
  /** The namespace of the context, or of the pod. */
  readonly namespace: string | undefined;
  /** A file whose content is the bearer token. */
  readonly tokenFile: string | undefined;
  readonly proxy: string | undefined;
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

/** client-node looks for `token-file`; the field of a kubeconfig is `tokenFile`. */
const usersView = z.object({
  users: z
    .array(z.object({ name: z.string(), user: z.object({ tokenFile: z.string().optional() }).nullish() }))
    .nullish(),
});

interface Loaded {
  readonly config: KubeConfig;
  readonly tokenFiles: ReadonlyMap<string, string>;
}

function loadFile(path: string): Loaded {
  const text = readText(path, 'The kubeconfig');
  // Neither parser's own message is shown: both quote the lines around a mistake, and those may hold a token.
  const document = parseDocument(text, { prettyErrors: false });
  const [error] = document.errors;
  if (error !== undefined) {
    const line = text.slice(0, error.pos[0]).split('\n').length;
    throw refused(`The kubeconfig ${path} is not YAML: mistake in line ${line} (${error.code}).`);
  }
  const users = usersView.safeParse(document.toJS());
  if (!users.success)
    throw refused(
      `The kubeconfig ${path} is not a kubeconfig: it needs clusters, users and contexts as lists.`,
    );
  const config = new KubeConfig();
  try {
    config.loadFromString(text);
  } catch (error) {
    // client-node says which entry lacks which field, and nothing of the values.
    const detail =
      error instanceof Error && / is missing$/.test(error.message) ? error.message : 'it is malformed';
    throw refused(`The kubeconfig ${path} is not a kubeconfig: ${detail}.`);
  }
  const folder = dirname(path);
  config.makePathsAbsolute(folder);
  const tokenFiles = new Map<string, string>();
  for (const { name, user } of users.data.users ?? [])
    if (user?.tokenFile !== undefined)
      tokenFiles.set(name, isAbsolute(user.tokenFile) ? user.tokenFile : join(folder, user.tokenFile));
  return { config, tokenFiles };
}

/** As kubectl does: the first file to set a value wins. */
function merge(files: readonly string[]): Loaded {
  const config = new KubeConfig();
  const tokenFiles = new Map<string, string>();
  for (const loaded of files.map(loadFile)) {
    config.currentContext ||= loaded.config.currentContext;
    const users = loaded.config.users.filter(({ name }) => config.getUser(name) === null);
    for (const user of users) {
      const tokenFile = loaded.tokenFiles.get(user.name);
      if (tokenFile !== undefined) tokenFiles.set(user.name, tokenFile);
    }
    config.users = [...config.users, ...users];
    for (const cluster of loaded.config.clusters)
      if (config.getCluster(cluster.name) === null) config.addCluster(cluster);
    for (const context of loaded.config.contexts)
      if (config.getContextObject(context.name) === null) config.addContext(context);
  }
  return { config, tokenFiles };
}

function inCluster(source: KubeSource): Loaded {
  const folder = source.serviceAccount ?? SERVICE_ACCOUNT;
  const host = source.env['KUBERNETES_SERVICE_HOST'] ?? '';
  const port = source.env['KUBERNETES_SERVICE_PORT'] ?? '443';
  let namespace: string | undefined;
  try {
    namespace = readFileSync(join(folder, 'namespace'), 'utf8').trim();
  } catch {
    // Only a default: everything else works without it.
  }
  const config = new KubeConfig();
  config.loadFromOptions({
    clusters: [
      {
        name: 'in-cluster',
        server: `https://${host.includes(':') ? `[${host}]` : host}:${port}`,
        caFile: join(folder, 'ca.crt'),
        skipTLSVerify: false,
      },
    ],
    users: [{ name: 'service-account' }],
    contexts: [{ name: 'in-cluster', cluster: 'in-cluster', user: 'service-account', namespace }],
    currentContext: 'in-cluster',
  });
  return { config, tokenFiles: new Map([['service-account', join(folder, 'token')]]) };
}

function find(source: KubeSource): Loaded {
  if (source.path !== undefined) return loadFile(source.path);
  const listed = (source.env['KUBECONFIG'] ?? '').split(delimiter).filter((file) => file !== '');
  if (listed.length > 0) return merge(listed);
  if ((source.env['KUBERNETES_SERVICE_HOST'] ?? '') !== '') return inCluster(source);
  const home = source.env['HOME'] ?? '';
  if (home === '')
    throw refused('No cluster is configured: give --kubeconfig, set KUBECONFIG, or run inside a pod.');
  return loadFile(join(home, '.kube', 'config'));
}

/**
 * Loads the description of the cluster: the explicit path, else the files of `KUBECONFIG`, else the pod's service account, else
 * `~/.kube/config`. Throws `config_invalid` with one sentence.
 */
export function loadIdentity(source: KubeSource): Identity {
  const { config, tokenFiles } = find(source);
  if (source.context !== undefined) config.setCurrentContext(source.context);
  const name = config.getCurrentContext();
  const context = config.getContextObject(name);
  if (context === null) {
    const known = config.contexts.map((other) => other.name).join(', ');
    throw refused(`The kubeconfig has no context "${name}"; it has: ${known === '' ? 'none' : known}.`);
  }
  const cluster = config.getCluster(context.cluster);
  if (cluster === null)
    throw refused(
      `The context "${name}" names the cluster "${context.cluster}", which the kubeconfig lacks.`,
    );
  if (config.getUser(context.user) === null)
    throw refused(`The context "${name}" names a user that the kubeconfig lacks: "${context.user}".`);
  if (!URL.canParse(cluster.server) || !/^https?:$/.test(new URL(cluster.server).protocol))
    throw refused(`The cluster "${cluster.name}" needs a server such as https://host:6443.`);
  const proxy = cluster.proxyUrl;
  if (proxy !== undefined && !/^https?:\/\//.test(proxy))
    throw refused(`The cluster "${cluster.name}" has a proxy-url that is neither http:// nor https://.`);
  // client-node refuses plain http unless told that nothing is verified; there is nothing to verify on it.
  config.clusters = config.clusters.map((each) =>
    each.server.startsWith('http:') ? { ...each, skipTLSVerify: true } : each,
  );
  return {
    config,
    server: new URL(cluster.server),
    namespace: context.namespace,
    tokenFile: tokenFiles.get(context.user),
    proxy,
  };
}
