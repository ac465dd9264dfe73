import { z } from 'zod';
import { jsonOf, placeIn, readJson } from '../annotation/json-text.ts';
import { msOf, parseDuration } from '../go/duration.ts';
import { ADDRESS_EXPECTS, isPrometheusAddress } from '../prometheus-address.ts';
import { err, ok, type Result } from '../result.ts';
import { shown } from '../shown.ts';
import { ms, type Ms } from '../time.ts';

/** One key of a Secret or ConfigMap in the bridge's namespace. */
export interface KeyRef {
  readonly name: string;
  readonly key: string;
}

/** Where a text comes from that is not written in the ConfigMap itself. */
export type TextSource =
  | { readonly from: 'secret' | 'configMap'; readonly ref: KeyRef }
  | { readonly from: 'file'; readonly path: string }
  | { readonly from: 'inline'; readonly text: string };

/** How we say who we are. */
export type PrometheusAuth =
  | { readonly kind: 'bearer'; readonly token: TextSource }
  | { readonly kind: 'basic'; readonly username: TextSource; readonly password: TextSource };

export interface PrometheusTls {
  /** Instead of the system's CAs. */
  readonly ca: TextSource | undefined;
  readonly clientCertificate: TextSource | undefined;
  readonly clientKey: TextSource | undefined;
  /** The name that the certificate must bear, instead of the host of the address. */
  readonly serverName: string | undefined;
}

/** A Prometheus server, or what speaks its language, as the platform owner describes it. */
export interface PrometheusServer {
  readonly name: string;
  /** An absolute http(s) URL with a host, path prefix included, without a slash at the end. */
  readonly address: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly parameters: Readonly<Record<string, string>>;
  /** From the question until the complete answer. */
  readonly timeout: Ms;
  readonly allowPartial: boolean;
  /** KEDA's meaning: no series, NaN and the infinities count as 0. */
  readonly ignoreNullValues: boolean;
  readonly auth: PrometheusAuth | undefined;
  readonly tls: PrometheusTls;
}

export const NO_TLS: PrometheusTls = {
  ca: undefined,
  clientCertificate: undefined,
  clientKey: undefined,
  serverName: undefined,
};

export const DEFAULT_TIMEOUT = ms(10_000);

/** A server of which only the address is known. */
export const plainServer = (name: string, address: string): PrometheusServer => ({
  name,
  address: address.replace(/\/+$/, ''),
  headers: {},
  parameters: {},
  timeout: DEFAULT_TIMEOUT,
  allowPartial: false,
  ignoreNullValues: false,
  auth: undefined,
  tls: NO_TLS,
});

const expected = (what: string): { error: () => string } => ({ error: () => `expected ${what}` });

/** A text that fits, or "expected ...". */
const text = (what: string, fits: (text: string) => boolean): z.ZodType<string, string> =>
  z.string(expected(what)).refine(fits, expected(what));

const NAME = 'a name of lower-case letters, digits and -, for example main';
const isName = (name: string): boolean => /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/.test(name);
const objectName = text('the name of an object in the namespace of hpa-bridge', (name) =>
  /^[a-z0-9]([-.a-z0-9]{0,251}[a-z0-9])?$/.test(name),
);
const objectKey = text('a key in its data, for example token', (key) => /^[-._a-zA-Z0-9]{1,253}$/.test(key));
const filePath = text('an absolute path, for example /var/run/secrets/prometheus/token', (path) =>
  /^\/[^\0]+$/.test(path),
);

const strict = <S extends z.ZodRawShape>(shape: S): z.ZodObject<S, z.core.$strict> =>
  z.strictObject(shape, {
    error: (issue) =>
      issue.code === 'unrecognized_keys'
        ? `knows no ${issue.keys.map(shown).join(', ')}: expected ${Object.keys(shape).join(', ')}`
        : `expected an object with ${Object.keys(shape).join(', ')}`,
  });

const secret = (key: string): z.ZodType<TextSource> =>
  strict({ secret: objectName, key: objectKey.default(key) }).transform((given) => ({
    from: 'secret',
    ref: { name: given.secret, key: given.key },
  }));
const configMap = strict({ configMap: objectName, key: objectKey.default('ca.crt') }).transform(
  (given): TextSource => ({ from: 'configMap', ref: { name: given.configMap, key: given.key } }),
);
const file = strict({ file: filePath }).transform((given): TextSource => ({
  from: 'file',
  path: given.file,
}));
const pem = strict({
  pem: text('PEM, beginning with -----BEGIN CERTIFICATE-----', (given) =>
    /^\s*-----BEGIN CERTIFICATE-----/.test(given),
  ),
}).transform((given): TextSource => ({ from: 'inline', text: given.pem }));

/** By the field that is there, so that a mistake in one form is not reported as a choice between all of them. */
const oneOf = (forms: Readonly<Record<string, z.ZodType<TextSource>>>): z.ZodType<TextSource> =>
  z.unknown().transform((given, context): TextSource => {
    const form =
      typeof given === 'object' && given !== null
        ? Object.keys(forms).find((one) => one in given)
        : undefined;
    const schema = form === undefined ? undefined : forms[form];
    const read = schema?.safeParse(given);
    if (read?.success === true) return read.data;
    for (const issue of read?.error.issues ?? [])
      context.addIssue({ code: 'custom', path: issue.path, message: issue.message });
    if (read === undefined)
      context.addIssue({
        code: 'custom',
        message: `expected an object with one of ${Object.keys(forms).join(', ')}`,
      });
    return z.NEVER;
  });

const basic = strict({
  secret: objectName,
  usernameKey: objectKey.default('username'),
  passwordKey: objectKey.default('password'),
});
const auth = strict({
  bearer: oneOf({ secret: secret('token'), file }).optional(),
  basic: basic.optional(),
})
  .refine(
    (given) => (given.bearer === undefined) !== (given.basic === undefined),
    expected('either bearer or basic'),
  )
  .transform((given): PrometheusAuth | undefined => {
    if (given.bearer !== undefined) return { kind: 'bearer', token: given.bearer };
    if (given.basic === undefined) return undefined;
    const { secret: name, usernameKey, passwordKey } = given.basic;
    const of = (key: string): TextSource => ({ from: 'secret', ref: { name, key } });
    return { kind: 'basic', username: of(usernameKey), password: of(passwordKey) };
  });
const clientCertificate = strict({
  secret: objectName,
  certificateKey: objectKey.default('tls.crt'),
  privateKeyKey: objectKey.default('tls.key'),
});
const tls = strict({
  ca: oneOf({ secret: secret('ca.crt'), configMap, pem }).optional(),
  clientCertificate: clientCertificate.optional(),
  serverName: text('a host name', (name) => /^[-.a-zA-Z0-9]{1,253}$/.test(name)).optional(),
}).transform((given): PrometheusTls => {
  const of = (key: string | undefined): TextSource | undefined =>
    given.clientCertificate === undefined || key === undefined
      ? undefined
      : { from: 'secret', ref: { name: given.clientCertificate.secret, key } };
  return {
    ca: given.ca,
    clientCertificate: of(given.clientCertificate?.certificateKey),
    clientKey: of(given.clientCertificate?.privateKeyKey),
    serverName: given.serverName,
  };
});

const TIMEOUT = 'a duration from 100ms to 2m, for example 10s';
const timeout = z.string(expected(TIMEOUT)).transform((given, context): Ms => {
  const read = parseDuration(given);
  const millis = read.ok ? msOf(read.value) : ms(0);
  if (millis < 100 || millis > 120_000) context.addIssue({ code: 'custom', message: `expected ${TIMEOUT}` });
  return millis;
});

/** What HTTP takes for the name of a header, without those that are ours to set. */
const isHeaderName = (name: string): boolean =>
  /^[!#$%&'*+.^_`|~\w-]+$/.test(name) &&
  !/^(authorization|host|content-length|content-type|transfer-encoding|connection|proxy-authorization)$/i.test(
    name,
  );
const isHeaderValue = (value: string): boolean => /^[\x21-\x7e]([\x20-\x7e]*[\x21-\x7e])?$/.test(value);
/** What the question itself says. */
const isParameter = (name: string): boolean =>
  /^[-_\w.[\]]+$/.test(name) && !/^(query|time|timeout)$/.test(name);

const HEADERS =
  'header names with texts of visible ASCII, for example {"X-Scope-OrgID": "team"}; who we are is said by auth';
const PARAMETERS =
  'names with texts, for example {"dedup": "true"}; query, time and timeout are the bridge\u2019s own';
const map = (
  what: string,
  fits: (name: string, value: string) => boolean,
): z.ZodType<Record<string, string> | undefined> =>
  z
    .record(z.string(), z.string(expected('a text')), expected(what))
    .refine((given) => Object.entries(given).every(([name, value]) => fits(name, value)), expected(what))
    .optional();

const prefix = text('a path such as /prometheus', (path) => /^\/[-._~\w/]*$/.test(path)).default('');
const flag = z.boolean(expected('true or false')).default(false);

/** One of the list. */
export const prometheusServerSchema = strict({
  name: text(NAME, isName),
  address: text(ADDRESS_EXPECTS, isPrometheusAddress).meta({ pattern: '^https?://' }),
  pathPrefix: prefix,
  headers: map(HEADERS, (name, value) => isHeaderName(name) && isHeaderValue(value)),
  parameters: map(PARAMETERS, isParameter),
  timeout: timeout.optional(),
  allowPartial: flag,
  ignoreNullValues: flag,
  auth: auth.optional(),
  tls: tls.optional(),
}).transform((given): PrometheusServer => ({
  name: given.name,
  address: given.address.replace(/\/+$/, '') + given.pathPrefix.replace(/\/+$/, ''),
  headers: given.headers ?? {},
  parameters: given.parameters ?? {},
  timeout: given.timeout ?? DEFAULT_TIMEOUT,
  allowPartial: given.allowPartial,
  ignoreNullValues: given.ignoreNullValues,
  auth: given.auth,
  tls: given.tls ?? NO_TLS,
}));

const servers = z
  .array(
    prometheusServerSchema,
    expected(
      'a JSON list of servers, for example [{"name": "main", "address": "http://prometheus.monitoring:9090"}]',
    ),
  )
  .max(64, expected('at most 64 servers'));

const pathOf = (path: readonly PropertyKey[]): string =>
  path.map((step) => (typeof step === 'number' ? `[${step}]` : `.${String(step)}`)).join('');

/** Agreements that need more than one field. */
function disagreement(read: readonly PrometheusServer[]): string | undefined {
  const names = read.map(({ name }) => name);
  const again = names.findIndex((name, at) => names.indexOf(name) !== at);
  if (again >= 0) return `[${again}].name is ${shown(names[again] ?? '')} again: expected each name once.`;
  const bare = read.findIndex(({ address, tls: { ca, clientKey, serverName } }) => {
    const wanted = [ca, clientKey, serverName].some((one) => one !== undefined);
    return wanted && address.toLowerCase().startsWith('http:');
  });
  return bare < 0 ? undefined : `[${bare}].tls has no effect over http: expected an https address.`;
}

/** What stands there instead may be a part of a password. */
const FOUND = /, found .*$/s;

/** Reads the key `prometheus-servers`. The error is one sentence for each mistake, with its path and never with a value that may be secret. */
export function parsePrometheusServers(
  given: string,
): Result<readonly PrometheusServer[], readonly string[]> {
  const key = 'prometheus-servers';
  if (given.trim() === '') return ok([]);
  const json = readJson(given);
  if (!json.ok)
    return err([
      `${key} is not JSON at ${placeIn(given, json.error.at)}: ${json.error.message.replace(FOUND, '')}.`,
    ]);
  const read = servers.safeParse(jsonOf(json.value));
  if (!read.success)
    return err(read.error.issues.map(({ path, message }) => `${key}${pathOf(path)} ${verb(message)}.`));
  const disagreeing = disagreement(read.data);
  return disagreeing === undefined ? ok(read.data) : err([`${key}${disagreeing}`]);
}

const verb = (message: string): string => (message.startsWith('expected') ? `is wrong: ${message}` : message);
