import type { RequestOptions } from 'node:https';
import type { User } from '@kubernetes/client-node';
import { z } from 'zod';
import { seconds, type Ms } from '../../domain/time.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Log } from '../../ports/log.ts';
import { loadIdentity, readText, refused, type Identity, type KubeSource } from './kubeconfig.ts';

/** What a TLS connection to the API server is made with. */
export interface TlsMaterial {
  readonly ca?: string | Buffer;
  readonly cert?: string | Buffer;
  readonly key?: string | Buffer;
  readonly servername?: string;
  readonly rejectUnauthorized?: boolean;
}

/** Who we are, as of one reading of all files and plugins. */
export interface Access {
  /** Secrets: sent, never logged and never quoted. */
  readonly headers: Readonly<Record<string, string>>;
  readonly tls: TlsMaterial;
}

/** Tokens of service accounts rotate in place; client-go reads them once a minute. */
const REREAD: Ms = seconds(10);
/** An API server that refuses us for good must not make us run an exec plugin for every request. */
const BETWEEN_RELOADS: Ms = seconds(1);

const same = (a: unknown, b: unknown): boolean => String(a) === String(b);
const sameTls = (a: TlsMaterial, b: TlsMaterial): boolean =>
  same(a.ca, b.ca) &&
  same(a.cert, b.cert) &&
  same(a.key, b.key) &&
  a.servername === b.servername &&
  a.rejectUnauthorized === b.rejectUnauthorized;

/** Our identity, kept fresh: files are read again every ten seconds, and everything at once after the API server refused us. */
export class Credentials {
  readonly server: URL;
  readonly namespace: string | undefined;
  readonly proxy: string | undefined;
  readonly #source: KubeSource;
  readonly #clock: Clock;
  readonly #log: Log;
  #identity: Identity;
  #access: Access | undefined;
  #readAt = 0;
  #reloadedAt: number | undefined;
  #stale = false;
  #reading: Promise<Access> | undefined;

  /** Throws `config_invalid` when there is nothing to connect with. */
  constructor(source: KubeSource, clock: Clock, log: Log) {
    this.#source = source;
    this.#clock = clock;
    this.#log = log;
    this.#identity = loadIdentity(source);
    this.server = this.#identity.server;
    this.namespace = this.#identity.namespace;
    this.proxy = this.#identity.proxy;
  }

  /** The identity to use now. Throws `config_invalid` while none could be read yet. */
  async current(): Promise<Access> {
    const fresh = !this.#stale && this.#clock.monotonic() - this.#readAt < REREAD;
    if (this.#access !== undefined && fresh) return this.#access;
    this.#reading ??= this.#read().finally(() => {
      this.#reading = undefined;
    });
    return this.#reading;
  }

  /** The API server did not accept `used`. The next `current` reads everything again; true when that is worth a second try. */
  refuse(used: Access): boolean {
    if (used !== this.#access) return true;
    const now = this.#clock.monotonic();
    if (this.#reloadedAt !== undefined && now - this.#reloadedAt < BETWEEN_RELOADS) return false;
    this.#reloadedAt = now;
    this.#stale = true;
    return true;
  }

  async #read(): Promise<Access> {
    const before = this.#access;
    try {
      if (this.#stale) this.#reload();
      const read = await accessOf(this.#identity);
      const tls = before !== undefined && sameTls(before.tls, read.tls) ? before.tls : read.tls;
      this.#access = { headers: read.headers, tls };
    } catch (error) {
      if (before === undefined) throw error;
      // What we have may still be good: only the API server can tell.
      this.#log.warn('credentials could not be read again', {
        detail: error instanceof Error ? error.message : '',
      });
      this.#access = { ...before };
    }
    this.#stale = false;
    this.#readAt = this.#clock.monotonic();
    return this.#access;
  }

  /** Loading anew forgets what the plugins had cached. */
  #reload(): void {
    const identity = loadIdentity(this.#source);
    if (identity.server.href !== this.server.href)
      throw refused(
        `The kubeconfig now names the server ${identity.server.host}; a restart is needed to change clusters.`,
      );
    this.#identity = identity;
  }
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
async function accessOf({ config, tokenFile }: Identity): Promise<Access> {
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
