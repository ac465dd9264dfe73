import type { PrometheusServer, TextSource } from '../../domain/config/prometheus-servers.ts';
import { seconds, type Ms } from '../../domain/time.ts';
import type { Clock } from '../../ports/clock.ts';
import type { TlsMaterial } from '../kube/identity.ts';
import { unreadable, type ReadText } from './texts.ts';

/** Who we are for one server, as of one reading. */
export interface Access {
  /** Sent, never logged and never quoted. */
  readonly headers: Readonly<Record<string, string>>;
  readonly tls: TlsMaterial;
  /** Texts that nobody may see. */
  readonly secrets: readonly string[];
}

/** A Secret that rotates is noticed within this time, or when the server refuses the old one. */
const REREAD: Ms = seconds(30);
/** Shorter texts are no secrets, and hiding them would garble everything. */
const SHORTEST_SECRET = 3;

/** Our identity for one server, read again when it may have changed. */
export class LiveAccess {
  readonly #server: PrometheusServer;
  readonly #read: ReadText;
  readonly #clock: Clock;
  #access: Access | undefined;
  #readAt = 0;
  #reading: Promise<Access> | undefined;

  constructor(server: PrometheusServer, read: ReadText, clock: Clock) {
    this.#server = server;
    this.#read = read;
    this.#clock = clock;
  }

  /** Rejects with the fault `prometheus_credentials` when they cannot be read. */
  async current(): Promise<Access> {
    const fresh = this.#clock.monotonic() - this.#readAt < REREAD;
    if (this.#access !== undefined && fresh) return this.#access;
    this.#reading ??= this.#reread().finally(() => {
      this.#reading = undefined;
    });
    return this.#reading;
  }

  /** The server did not accept `used`: the next question reads anew. */
  refuse(used: Access): void {
    if (this.#access === used) this.#access = undefined;
  }

  async #reread(): Promise<Access> {
    const text = async (source: TextSource | undefined): Promise<string | undefined> =>
      source === undefined ? undefined : this.#read(source);
    const { auth, headers, tls } = this.#server;
    const authorization = auth === undefined ? undefined : await authorized(auth, text);
    const material = {
      ca: await text(tls.ca),
      cert: await text(tls.clientCertificate),
      key: await text(tls.clientKey),
      servername: tls.serverName,
    };
    const secrets = [...Object.values(headers), ...(authorization?.secrets ?? []), material.key ?? ''];
    this.#access = {
      headers: {
        ...headers,
        ...(authorization === undefined ? {} : { Authorization: authorization.header }),
      },
      tls: this.#sameTls(defined(material)),
      secrets: secrets.filter(({ length }) => length >= SHORTEST_SECRET),
    };
    this.#readAt = this.#clock.monotonic();
    return this.#access;
  }

  /** The same object while nothing changed, so that connections stay. */
  #sameTls(read: TlsMaterial): TlsMaterial {
    const before = this.#access?.tls;
    return before !== undefined && JSON.stringify(before) === JSON.stringify(read) ? before : read;
  }
}

const defined = (given: Readonly<Record<string, string | undefined>>): TlsMaterial =>
  Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));

interface Authorization {
  readonly header: string;
  readonly secrets: readonly string[];
}

async function authorized(
  auth: NonNullable<PrometheusServer['auth']>,
  text: (source: TextSource) => Promise<string | undefined>,
): Promise<Authorization> {
  if (auth.kind === 'bearer') {
    const token = ((await text(auth.token)) ?? '').trim();
    if (!/^[\x21-\x7e]+$/.test(token))
      throw unreadable(
        'The bearer token is empty or holds spaces or other characters that no header can carry.',
      );
    return { header: `Bearer ${token}`, secrets: [token] };
  }
  // An editor leaves a line break at the end; other white space may be meant.
  const username = ((await text(auth.username)) ?? '').replace(/\r?\n$/, '');
  const password = ((await text(auth.password)) ?? '').replace(/\r?\n$/, '');
  if (username === '' || username.includes(':'))
    throw unreadable('The user name for basic authentication is empty or holds a colon.');
  const encoded = Buffer.from(`${username}:${password}`, 'utf8').toString('base64');
  return { header: `Basic ${encoded}`, secrets: [encoded, password] };
}
