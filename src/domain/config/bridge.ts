import { z } from 'zod';
import { nearest } from '../nearest.ts';
import { ADDRESS_EXPECTS, isPrometheusAddress, withoutCredentials } from '../prometheus-address.ts';
import { err, ok, type Result } from '../result.ts';
import { shown } from '../shown.ts';

interface Row<T> {
  readonly key: string;
  readonly schema: z.ZodType<T, string>;
  /** What a value is, to complete "expected ...". */
  readonly expects: string;
  /** The text that stands for an absent key. */
  readonly fallback: string;
  readonly doc: string;
}

/** One declaration of a row with its value's type kept. */
const row = <T>(declared: Row<T>): Row<T> => declared;

/** Words separated by commas, spaces or line breaks; none is an empty list. */
const list = (fits: (item: string) => boolean): z.ZodType<readonly string[], string> =>
  z
    .string()
    .transform((text) => text.split(/[\s,]+/).filter((item) => item !== ''))
    .refine((items) => items.every(fits));

/** Every key of `config-hpa-bridge`, once. The type, parsing, the example and docs/config.md come from here. */
export const BRIDGE_KEYS = {
  backend: row({
    key: 'backend',
    schema: z.enum(['auto', 'keda', 'hpa']),
    expects: 'auto, keda or hpa',
    fallback: 'auto',
    doc: 'Who moves the replicas from 1 to N: keda, hpa, or auto: KEDA while its ScaledObject is served, else the HPA. The annotation hpa-bridge.dev/backend overrides it.',
  }),
  signalWithoutMetric: row({
    key: 'signal-without-metric',
    schema: z.enum(['concurrency', 'cpu']),
    expects: 'concurrency or cpu',
    fallback: 'concurrency',
    doc: 'What a revision scales by that has neither metric nor target nor query: concurrency, or cpu as Knative\u2019s own HPA class has it.',
  }),
  allowedPrometheusAddresses: row({
    key: 'allowed-prometheus-addresses',
    schema: list(isPrometheusAddress),
    expects: `a list, separated by commas or line breaks, of which each item is ${ADDRESS_EXPECTS}`,
    fallback: '',
    doc: 'Addresses that revisions may name beside autoscaler.keda.prometheus-address, separated by commas or line breaks.',
  }),
  allowedTriggerTypes: row({
    key: 'allowed-trigger-types',
    schema: list((item) => /^[a-z][a-z0-9-]*$/.test(item)),
    expects: 'a list of KEDA trigger types separated by commas, for example prometheus,cron',
    fallback: 'prometheus',
    doc: 'KEDA trigger types that extra-prometheus-triggers and scaled-object-override may use, separated by commas.',
  }),
} as const;

type Keys = typeof BRIDGE_KEYS;

/** `config-hpa-bridge`: what the platform owner decides. */
export type BridgeConfig = { readonly [K in keyof Keys]: Keys[K] extends Row<infer T> ? T : never };

const ENTRIES: readonly (readonly [string, Row<unknown>])[] = Object.entries(BRIDGE_KEYS);

/** Where the shipped ConfigMap shows the defaults. It configures nothing. */
export const EXAMPLE_KEY = '_example';

/** Reads the data of config-hpa-bridge. The error names each bad key, its value, and what would be right. */
export function parseBridgeConfig(data: Readonly<Record<string, string>>): Result<BridgeConfig, string> {
  const problems: string[] = [];
  const values: Record<string, unknown> = {};
  for (const [setting, { key, schema, expects, fallback }] of ENTRIES) {
    const text = (Object.hasOwn(data, key) ? data[key] : undefined) ?? fallback;
    const parsed = schema.safeParse(text.trim());
    if (parsed.success) values[setting] = parsed.data;
    else problems.push(`${key} is ${shown(withoutCredentials(text))}: expected ${expects}.`);
  }
  return problems.length === 0 ? ok(values as BridgeConfig) : err(problems.join(' '));
}

/** One sentence for each key that config-hpa-bridge does not know. They are not refused: a newer version may know them. */
export function unknownBridgeKeys(data: Readonly<Record<string, string>>): readonly string[] {
  const known = ENTRIES.map(([, { key }]) => key);
  return Object.keys(data)
    .filter((key) => key !== EXAMPLE_KEY && !known.includes(key))
    .map((key) => {
      const near = nearest(key, known);
      const hint = near === undefined ? `known are ${known.join(', ')}.` : `did you mean ${near}?`;
      return `${shown(key)} is not a key of config-hpa-bridge; ${hint}`;
    });
}

export const BRIDGE_DEFAULTS: BridgeConfig = Object.fromEntries(
  ENTRIES.map(([setting, { schema, fallback }]) => [setting, schema.parse(fallback)]),
) as BridgeConfig;
