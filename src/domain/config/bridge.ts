import { z } from 'zod';
import { KEDA_TRIGGERS } from '../annotation/columns.ts';
import { either } from '../either.ts';
import { pollingInterval, staleAfter } from '../annotation/table-bridge.ts';
import { ADDRESS_EXPECTS, isPrometheusAddress, shownAddress } from '../prometheus-address.ts';
import { err, ok, type Result } from '../result.ts';
import { parsePrometheusServers, type PrometheusServer } from './prometheus-servers.ts';
import { isAboveZero } from '../k8s/quantity.ts';
import { EMPTY_RESULTS, FALLBACKS } from '../signal/policy.ts';
import { unknownKeys } from './unknown-keys.ts';

interface Row<T> {
  readonly key: string;
  readonly schema: z.ZodType<T, string>;
  /** What a value is, to complete "expected ...". */
  readonly expects: string;
  /** The text that stands for an absent key. */
  readonly fallback: string;
  readonly doc: string;
  /** Whether an item of a list is good, to name the first that is not. */
  readonly fits?: (item: string) => boolean;
  /** Of a value that has an inside: one sentence for each mistake in it, instead of the whole value. */
  readonly mistakesIn?: (text: string) => readonly string[];
}

/** One declaration of a row with its value's type kept. */
const row = <T>(declared: Row<T>): Row<T> => declared;

/** Words separated by commas, spaces or line breaks; none is an empty list. */
const itemsOf = (text: string): readonly string[] => text.split(/[\s,]+/).filter((item) => item !== '');

type List = Pick<Row<readonly string[]>, 'schema' | 'fits'>;
const list = (fits: (item: string) => boolean): List => ({
  schema: z
    .string()
    .transform(itemsOf)
    .refine((items) => items.every(fits)),
  fits,
});

/** An IPv6 address stands in brackets, as in a URL. */
const HOST_AND_PORT = /^([a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?|\[[0-9a-f:.]+\]):[1-9]\d{0,4}$/;
const IMAGE = /^[a-zA-Z0-9][-\w./:@]*$/;
const RESOURCE = /^(cpu|memory|ephemeral-storage)=(.+)$/;
const NAME_OR_NONE = /^([a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?)?$/;

const isResource = (item: string): boolean => isAboveZero(RESOURCE.exec(item)?.[2] ?? '');
/** Quantities by their resource; of one that is named twice, the last. */
const resources = {
  schema: z
    .string()
    .transform(itemsOf)
    .refine((items) => items.every(isResource))
    .transform((items): Readonly<Record<string, string>> =>
      Object.fromEntries(
        items.map((item) => [RESOURCE.exec(item)?.[1] ?? '', RESOURCE.exec(item)?.[2] ?? '']),
      ),
    ),
  fits: isResource,
  expects: 'quantities of cpu, memory and ephemeral-storage, for example cpu=100m,memory=128Mi',
};

/** Every key of `config-hpa-bridge`, once. The type, parsing, the example and docs/config.md come from here. */
export const BRIDGE_KEYS = {
  backend: row({
    key: 'backend',
    schema: z.enum(['auto', 'keda', 'hpa']),
    expects: 'auto, keda or hpa, for example auto',
    fallback: 'auto',
    doc: 'Who moves the replicas from 1 to N: keda, hpa, or auto: KEDA while its ScaledObject is served, else the HPA. The annotation hpa-bridge.dev/backend overrides it.',
  }),
  kedaTrigger: row({
    key: 'keda-trigger',
    schema: z.enum(KEDA_TRIGGERS),
    expects: 'prometheus or bridge, for example bridge',
    fallback: 'prometheus',
    doc: 'Whom KEDA asks for the value of a query: prometheus: the server itself; bridge: hpa-bridge, as an external scaler (see docs/keda.md). The annotation hpa-bridge.dev/keda-trigger overrides it.',
  }),
  kedaScalerAddress: row({
    key: 'keda-scaler-address',
    schema: z.string().regex(HOST_AND_PORT),
    expects: 'a host and a port, for example hpa-bridge-keda.knative-serving.svc:8090',
    fallback: 'hpa-bridge-keda.knative-serving.svc:8090',
    doc: 'Where KEDA finds hpa-bridge for the trigger bridge, as host:port.',
  }),
  kedaScalerAuthentication: row({
    key: 'keda-scaler-authentication',
    schema: z.string().regex(NAME_OR_NONE),
    expects: 'the name of a ClusterTriggerAuthentication, for example hpa-bridge',
    fallback: '',
    doc: 'The ClusterTriggerAuthentication with the caCert, and the tlsClientCert and tlsClientKey if hpa-bridge wants them, that KEDA reaches hpa-bridge over TLS with; without it there is no TLS.',
  }),
  signalWithoutMetric: row({
    key: 'signal-without-metric',
    schema: z.enum(['concurrency', 'cpu']),
    expects: 'concurrency or cpu, for example cpu',
    fallback: 'concurrency',
    doc: 'What a revision scales by that has neither metric nor target nor query: concurrency, or cpu as Knative\u2019s own HPA class has it.',
  }),
  allowedPrometheusAddresses: row({
    key: 'allowed-prometheus-addresses',
    ...list(isPrometheusAddress),
    expects: `each item to be ${ADDRESS_EXPECTS}, separated by commas or line breaks`,
    fallback: '',
    doc: 'Addresses that revisions may name beside autoscaler.keda.prometheus-address, separated by commas or line breaks.',
  }),
  prometheusServers: row({
    key: 'prometheus-servers',
    schema: z.string().transform((text, context): readonly PrometheusServer[] => {
      const read = parsePrometheusServers(text);
      if (read.ok) return read.value;
      context.addIssue({ code: 'custom', message: read.error.join(' ') });
      return z.NEVER;
    }),
    mistakesIn: (text) => {
      const read = parsePrometheusServers(text);
      return read.ok ? [] : read.error;
    },
    expects: 'a JSON list of servers',
    fallback: '',
    doc: 'Prometheus servers with names, credentials and the like, as a JSON list (see docs/prometheus.md). The one named default is asked where a revision names none; without it, autoscaler.keda.prometheus-address.',
  }),
  zero: row({
    key: 'zero',
    schema: z.enum(['activator', 'knative-activator']),
    expects: 'activator or knative-activator, for example activator',
    fallback: 'activator',
    doc: 'Who holds requests for revisions without pods: activator: hpa-bridge-activator; knative-activator: the activators of Knative, behind ServerlessServices (see docs/zero.md). The annotation hpa-bridge.dev/services overrides it.',
  }),
  tenancy: row({
    key: 'tenancy',
    schema: z.enum(['off', 'warn', 'enforce']),
    expects: 'off, warn or enforce, for example enforce',
    fallback: 'off',
    doc: 'Whether queries may read series of other namespaces: off: yes; warn: yes, and it is said; enforce: every selector gets the namespace of its revision (see docs/prometheus.md).',
  }),
  pollingInterval: row({
    key: 'polling-interval',
    ...pollingInterval,
    expects: `${pollingInterval.expects}, for example 15s`,
    fallback: '15s',
    doc: 'How often hpa-bridge asks a query, from 1s to 1h. The annotation hpa-bridge.dev/polling-interval overrides it.',
  }),
  emptyResult: row({
    key: 'empty-result',
    schema: z.enum(EMPTY_RESULTS),
    expects: 'error or zero, for example error',
    fallback: 'error',
    doc: 'What a query says that gives no series: error: there is no value, and nothing scales down; zero: 0. The annotation hpa-bridge.dev/empty-result overrides it.',
  }),
  staleAfter: row({
    key: 'stale-after',
    ...staleAfter,
    expects: `${staleAfter.expects}, for example 5m`,
    fallback: '5m',
    doc: 'How long the last number counts after a query has ceased to give one, up to 24h. The annotation hpa-bridge.dev/stale-after overrides it.',
  }),
  fallback: row({
    key: 'fallback',
    schema: z.enum(FALLBACKS),
    expects: `${either(FALLBACKS)}, for example auto`,
    fallback: 'auto',
    doc: 'What counts after that: auto, concurrency, hold, replicas or off (see docs/prometheus.md). The annotation hpa-bridge.dev/fallback overrides it.',
  }),
  externalMetrics: row({
    key: 'external-metrics',
    schema: z.enum(['auto', 'off']),
    expects: 'auto or off, for example off',
    fallback: 'auto',
    doc: 'Whether hpa-bridge serves external metrics to HPAs: auto: while no other program of the cluster does; off: it does not begin to (see docs/external-metrics.md).',
  }),
  decisionEvents: row({
    key: 'decision-events',
    schema: z.enum(['moves', 'off']),
    expects: 'moves or off, for example moves',
    fallback: 'moves',
    doc: 'Whether an event tells why another number of pods is asked for (see docs/explain.md): moves: yes, at most 5 at once and then one a minute for each revision; off: no.',
  }),
  revisionMetrics: row({
    key: 'revision-metrics',
    schema: z.enum(['all', 'off']),
    expects: 'all or off, for example all',
    fallback: 'all',
    doc: 'Whether /metrics of the leader tells the series of each revision (see docs/metrics.md): all: yes, some 15 for each; off: no.',
  }),
  allowedModelImages: row({
    key: 'allowed-model-images',
    ...list((item) => IMAGE.test(item)),
    expects: 'images separated by commas or line breaks, for example registry.example.com/model-loader',
    fallback: '',
    doc: 'Images that may download models (see docs/models.md), separated by commas or line breaks; of one without tag and digest, all of them. The first is used where a Service names none. Without any, nothing is downloaded.',
  }),
  modelSecret: row({
    key: 'model-secret',
    schema: z.string().regex(NAME_OR_NONE),
    expects: 'the name of a Secret, for example model-store',
    fallback: '',
    doc: 'The Secret in the namespace of each Service whose keys become variables of what downloads models. The annotation hpa-bridge.dev/model-secret overrides it.',
  }),
  modelSizeLimit: row({
    key: 'model-size-limit',
    schema: z.string().refine((text) => text === '' || isAboveZero(text)),
    expects: 'a quantity of bytes above 0, for example 50Gi',
    fallback: '',
    doc: 'How large the volume with a model may become, and the most that hpa-bridge.dev/model-size-limit may say; without it there is no limit.',
  }),
  modelRequests: row({
    key: 'model-requests',
    ...resources,
    fallback: 'cpu=100m,memory=128Mi',
    doc: 'What each container that downloads models requests of cpu, memory and ephemeral-storage.',
  }),
  modelLimits: row({
    key: 'model-limits',
    ...resources,
    fallback: 'cpu=1,memory=512Mi',
    doc: 'What it may use at most.',
  }),
  queryDryRun: row({
    key: 'query-dry-run',
    schema: z.enum(['warn', 'off']),
    expects: 'warn or off, for example warn',
    fallback: 'warn',
    doc: 'Whether a query is asked once when it is applied, for at most a second (see docs/admission.md): warn: yes, and what it gives is said; off: no.',
  }),
  allowedTriggerTypes: row({
    key: 'allowed-trigger-types',
    ...list((item) => /^[a-z][a-z0-9-]*$/.test(item)),
    expects: 'KEDA trigger types separated by commas, for example prometheus,cron',
    fallback: 'prometheus',
    doc: 'KEDA trigger types that extra-prometheus-triggers and scaled-object-override may use, separated by commas.',
  }),
} as const;

type Keys = typeof BRIDGE_KEYS;

/** `config-hpa-bridge`: what the platform owner decides. */
export type BridgeConfig = { readonly [K in keyof Keys]: Keys[K] extends Row<infer T> ? T : never };

const ENTRIES: readonly (readonly [string, Row<unknown>])[] = Object.entries(BRIDGE_KEYS);

/** What is wrong with a text. Of a list it is one item, unless a password with a comma in it may have been taken apart. */
function wrongIn({ fits }: Row<unknown>, text: string): string {
  const item = fits === undefined ? undefined : itemsOf(text).find((one) => !fits(one));
  return item === undefined || (text.includes('@') && !item.includes('@'))
    ? `is ${shownAddress(text)}`
    : `has the item ${shownAddress(item)}`;
}

const wrong = (row: Row<unknown>, text: string): string =>
  `${row.key} ${wrongIn(row, text)}: expected ${row.expects}.`;

/** Reads the data of config-hpa-bridge. The error names each bad key, its value, and what would be right. */
export function parseBridgeConfig(data: Readonly<Record<string, string>>): Result<BridgeConfig, string> {
  const problems: string[] = [];
  const values: Record<string, unknown> = {};
  for (const [setting, row] of ENTRIES) {
    const text = (Object.hasOwn(data, row.key) ? data[row.key] : undefined) ?? row.fallback;
    const parsed = row.schema.safeParse(text.trim());
    if (parsed.success) values[setting] = parsed.data;
    else problems.push(...(row.mistakesIn?.(text.trim()) ?? [wrong(row, text.trim())]));
  }
  return problems.length === 0 ? ok(values as BridgeConfig) : err(problems.join(' '));
}

/** One sentence for each key that config-hpa-bridge does not know. They are not refused: a newer version may know them. */
export const unknownBridgeKeys = (data: Readonly<Record<string, string>>): readonly string[] =>
  unknownKeys(
    data,
    ENTRIES.map(([, { key }]) => key),
    'config-hpa-bridge',
  );

export const BRIDGE_DEFAULTS: BridgeConfig = Object.fromEntries(
  ENTRIES.map(([setting, { schema, fallback }]) => [setting, schema.parse(fallback)]),
) as BridgeConfig;
