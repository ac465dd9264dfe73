import type { RequestOptions } from 'node:https';
import { dirname, isAbsolute, join } from 'node:path';
import { KubeConfig, type User } from '@kubernetes/client-node';
import { parseDocument } from 'yaml';
import { z } from 'zod';
import {
  listedIn,
  readText,
  refused,
  type Access,
  type Identity,
  type KubeSource,
  type TlsMaterial,
} from './identity.ts';

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

function find(source: KubeSource): Loaded {
  if (source.path !== undefined) return loadFile(source.path);
  const listed = listedIn(source.env);
  if (listed.length > 0) return merge(listed);
  const home = source.env['HOME'] ?? '';
  if (home === '')
    throw refused('No cluster is configured: give --kubeconfig, set KUBECONFIG, or run inside a pod.');
  return loadFile(join(home, '.kube', 'config'));
}

/** Loads the explicit path, else the files of `KUBECONFIG`, else `~/.kube/config`. Throws `config_invalid` with one sentence. */
export function loadKubeconfig(source: KubeSource): Identity {
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
    server: new URL(cluster.server),
    namespace: context.namespace,
    proxy,
    access: () => accessOf(config, tokenFiles.get(context.user)),
  };
}

const execView = z.object({ command: z.string() });
const errnoView = z.object({ code: z.string(), path: z.string() });

/** One sentence for what client-node threw. */
function whyNot(error: unknown, user: User | null): string {
  const exec = execView.safeParse(user?.exec);
  const errno = errnoView.safeParse(error);
  if (exec.success && errno.success && errno.data.path === exec.data.command)
    return `The credential plugin ${exec.data.command} cannot be run (${errno.data.code}): install it or put it on PATH.`;
  if (errno.success)
    return `The file ${errno.data.path} that the kubeconfig names cannot be read (${errno.data.code}).`;
  if (exec.success)
    return `The credential plugin ${exec.data.command} gave no ExecCredential: run it by hand to see why.`;
  return `The credentials of the user "${user?.name ?? ''}" could not be obtained: check its auth-provider or certificates.`;
}

const text = (value: unknown): { readonly value?: string | Buffer } =>
  typeof value === 'string' || Buffer.isBuffer(value) ? { value } : {};

function tlsOf(options: RequestOptions): TlsMaterial {
  const ca = text(options.ca).value;
  const cert = text(options.cert).value;
  const key = text(options.key).value;
  return {
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
    ...(options.servername === undefined ? {} : { servername: options.servername }),
    ...(options.rejectUnauthorized === false ? { rejectUnauthorized: false } : {}),
  };
}

/** Runs what the kubeconfig asks for and reads the files that it names. */
async function accessOf(config: KubeConfig, tokenFile: string | undefined): Promise<Access> {
  const user = config.getCurrentUser();
  const options: RequestOptions = { headers: {} };
  try {
    await config.applyToHTTPSOptions(options);
  } catch (error) {
    // The error itself is dropped: it may hold what the plugin printed, and that may be a token.
    throw refused(whyNot(error, user));
  }
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(options.headers ?? {}))
    if (typeof value === 'string') headers[name] = value.trim();
  if (typeof options.auth === 'string')
    headers['Authorization'] = `Basic ${Buffer.from(options.auth).toString('base64')}`;
  if (tokenFile !== undefined)
    headers['Authorization'] = `Bearer ${readText(tokenFile, 'The token file').trim()}`;
  return { headers, tls: tlsOf(options) };
}
