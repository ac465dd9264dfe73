import { seconds, type Ms } from '../../domain/time.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Log } from '../../ports/log.ts';
import { refused, type Access, type Identity, type KubeSource, type TlsMaterial } from './identity.ts';
import { loadIdentity } from './load-identity.ts';

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

export interface CredentialsParts {
  readonly source: KubeSource;
  readonly clock: Clock;
  readonly log: Log;
}

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

  private constructor({ source, clock, log }: CredentialsParts, identity: Identity) {
    this.#source = source;
    this.#clock = clock;
    this.#log = log;
    this.#identity = identity;
    this.server = this.#identity.server;
    this.namespace = this.#identity.namespace;
    this.proxy = this.#identity.proxy;
  }

  /** Throws `config_invalid` when there is nothing to connect with. */
  static async load(parts: CredentialsParts): Promise<Credentials> {
    return new Credentials(parts, await loadIdentity(parts.source));
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
      if (this.#stale) await this.#reload();
      const read = await this.#identity.access();
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
  async #reload(): Promise<void> {
    const identity = await loadIdentity(this.#source);
    if (identity.server.href !== this.server.href)
      throw refused(
        `The kubeconfig now names the server ${identity.server.host}; a restart is needed to change clusters.`,
      );
    this.#identity = identity;
  }
}
