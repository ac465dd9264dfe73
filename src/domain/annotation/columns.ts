import { z } from 'zod';
import { either } from '../either.ts';
import { parseDuration, printDuration, type Nanos } from '../go/duration.ts';
import { parseBool } from '../go/parse-bool.ts';
import { parseFloat64 } from '../go/parse-float.ts';
import { parseInt32 } from '../go/parse-int.ts';
import type { Result } from '../result.ts';

/** Knative's prefix: its own annotations and autoscaler-keda's. */
export const KNATIVE_GROUP = 'autoscaling.knative.dev/';
/** The prefix of what is ours. */
export const BRIDGE_GROUP = 'hpa-bridge.dev/';

/** Whom KEDA asks for the value of a query: Prometheus itself, or us. */
export const KEDA_TRIGGERS = ['prometheus', 'bridge'] as const;

/** What reads an annotation: a signal, or the backend that scales by it; `models`: what is put into a Service when it is applied. */
export type Reader = 'query' | 'cpu/memory' | 'concurrency/rps' | 'all' | 'models';

/** A rule for values that parse and are still wrong. */
export interface Limit<T> {
  /** What comes of a value that breaks the rule (see Mistake). */
  readonly effect: 'ignored' | 'used' | 'refused';
  readonly holds: (value: T) => boolean;
  /** What the rule asks for, if it is not what the row expects anyway. */
  readonly expects?: string;
}

export interface Row<T> {
  /** The key that documentation uses. */
  readonly key: string;
  /** Older or shorter spellings; the first key present wins, even if its value is broken. */
  readonly aliases: readonly string[];
  readonly schema: z.ZodType<T, string>;
  /** What a value is, to complete "expected ...". */
  readonly expects: string;
  /** The gravest first: only the first broken one is reported. */
  readonly limits: readonly Limit<T>[];
  /** What holds without the annotation, for people. */
  readonly fallback: string;
  readonly example: string;
  readonly doc: string;
  readonly definedBy: 'Knative' | 'autoscaler-keda' | 'hpa-bridge';
  readonly readBy: readonly Reader[];
}

/** A kind of value: how its text is read, and how it is called in a sentence. */
export interface Column<T> {
  readonly schema: z.ZodType<T, string>;
  readonly expects: string;
}

/** `24h` for what Go prints as `24h0m0s`. */
const shortest = (length: Nanos): string => printDuration(length).replace(/(?<=[hm])0[ms].*$/, '');

const read = <T, E>(parse: (text: string) => Result<T, E>): z.ZodType<T, string> =>
  z.string().transform((text, context): T => {
    const parsed = parse(text);
    if (parsed.ok) return parsed.value;
    context.issues.push({ code: 'custom', message: 'does not parse', input: text });
    return z.NEVER;
  });

/** Any text, as it is. */
export const word: Column<string> = { schema: z.string(), expects: 'a text' };
/** The name of a server in `prometheus-servers`. */
export const serverName: Column<string> = {
  schema: z.string().regex(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/),
  expects: 'the name of a server in prometheus-servers of config-hpa-bridge',
};
/** JSON stays text here: what reads it reports the position of a mistake. */
export const json: Column<string> = { schema: z.string(), expects: 'JSON' };
/** A 32-bit whole number. */
export const count: Column<number> = { schema: read(parseInt32), expects: 'a whole number' };
/** A double, infinities and NaN included. */
export const decimal: Column<number> = { schema: read(parseFloat64), expects: 'a number' };
export const duration: Column<Nanos> = {
  schema: read(parseDuration),
  expects: 'a duration with a unit, like 90s or 1m30s',
};
/** What Go reads as a duration that is not negative, for a JSON schema. */
const DURATION = '^(0|(([0-9]+(\\.[0-9]*)?|\\.[0-9]+)(ns|us|\u00b5s|\u03bcs|ms|s|m|h))+)$';
/** A duration between two others, neither negative and both included; any other does not parse. */
export const durationFrom = (least: Nanos, most: Nanos): Column<Nanos> => ({
  schema: duration.schema.refine((value) => value >= least && value <= most).meta({ pattern: DURATION }),
  expects: `a duration from ${shortest(least)} to ${shortest(most)}`,
});
/** A whole number that is not less; any other does not parse. */
export const countFrom = (least: number): Column<number> => ({
  schema: count.schema.refine((value) => value >= least),
  expects: `a whole number of at least ${least}`,
});
/** A finite number that is not less; any other does not parse. */
export const numberFrom = (least: number): Column<number> => ({
  schema: decimal.schema.refine((value) => Number.isFinite(value) && value >= least),
  expects: `a number of at least ${least}`,
});
export const flag: Column<boolean> = { schema: read(parseBool), expects: 'true or false' };
export const oneOf = <const T extends string>(...words: readonly [T, ...T[]]): Column<T> => ({
  schema: z.enum(words),
  expects: either(words),
});

type Described<T> = Pick<Row<T>, 'fallback' | 'example' | 'doc' | 'readBy'> &
  Partial<Pick<Row<T>, 'expects' | 'limits'>>;

const row =
  (definedBy: Row<never>['definedBy'], group: string) =>
  <T>(names: readonly [string, ...string[]], column: Column<T>, rest: Described<T>): Row<T> => {
    const [key, ...aliases] = names.map((name) => group + name);
    return { limits: [], ...column, ...rest, key: key ?? '', aliases, definedBy };
  };

export const knative = row('Knative', KNATIVE_GROUP);
/** Knative's annotations outside of its autoscaling group. */
export const serving = row('Knative', 'serving.knative.dev/');
export const keda = row('autoscaler-keda', KNATIVE_GROUP);
export const bridge = row('hpa-bridge', BRIDGE_GROUP);
