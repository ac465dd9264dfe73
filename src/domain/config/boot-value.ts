import { z } from 'zod';
import { ms, type Ms } from '../time.ts';

/** The kinds of value that boot settings are made of. Each takes text and says, when it refuses, what would be right. */

const UNIT: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

const SUBDOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

/** A DNS label (RFC 1123): what names a namespace. */
export const dnsLabel: z.ZodType<string, string> = z
  .string()
  .regex(
    /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/,
    'must be a name of 1 to 63 lower-case letters, digits and "-", as Kubernetes names namespaces',
  );

/** A DNS subdomain (RFC 1123): what names a pod. */
export const podName: z.ZodType<string, string> = z
  .string()
  .max(253, 'must have at most 253 characters')
  .regex(SUBDOMAIN, 'must be a name of lower-case letters, digits, "-" and "."');

/** A whole number between two bounds, both allowed; the bounds are told to whoever makes a JSON schema of it. */
export const whole = (from: number, to: number): z.ZodType<number, string> => {
  const expected = `must be a whole number from ${from} to ${to}`;
  return z
    .string()
    .regex(/^\d{1,9}$/, expected)
    .transform(Number)
    .refine((n) => n >= from && n <= to, expected)
    .meta({ minimum: from, maximum: to });
};

/** A length of time as Go writes it: `15s`, `1m30s`, `500ms`. */
export const duration = (from: Ms, to: Ms): z.ZodType<Ms, string> => {
  const expected = `must be a duration from ${printMs(from)} to ${printMs(to)}, such as 15s, 1m30s or 500ms`;
  return z
    .string()
    .regex(/^(\d{1,9}(\.\d{1,3})?(ms|s|m|h))+$/, expected)
    .transform(readMs)
    .refine((length) => length >= from && length <= to, expected);
};

/** An IP address to listen on. */
export const ipAddress: z.ZodType<string, string> = z
  .union([z.ipv4(), z.ipv6()], 'must be an IP address, such as 0.0.0.0, 127.0.0.1 or ::')
  .transform(String);

/** One of a few words. */
export const word = <const W extends readonly [string, ...string[]]>(
  words: W,
): z.ZodType<W[number], string> =>
  z
    .string()
    .refine((given) => words.includes(given), `must be one of ${words.join(', ')}`)
    .transform((given): W[number] => given)
    .meta({ enum: [...words] });

/** A path to a file. */
export const filePath: z.ZodType<string, string> = z.string().min(1, 'must be the path of a file');

const KPA = 'kpa.autoscaling.knative.dev';

/** PodAutoscaler classes, separated by commas; sorted, each once. Knative's own KPA cannot be among them. */
export const classes: z.ZodType<readonly string[], string> = z
  .string()
  .transform((list) => [...new Set(list.split(',').map((name) => name.trim()))].sort())
  .refine((names) => !names.includes(KPA), `must not name ${KPA}: Knative's own autoscaler serves it`)
  .refine(
    (names) => names.every((name) => SUBDOMAIN.test(name) && name.length <= 253),
    'must be one or more autoscaler classes separated by commas, such as hpa.autoscaling.knative.dev',
  );

const readMs = (text: string): Ms => {
  let total = 0;
  for (const [, amount = '', unit = ''] of text.matchAll(/([\d.]+)(ms|s|m|h)/g))
    total += Number(amount) * (UNIT[unit] ?? 0);
  return ms(Math.round(total));
};

/** `90000` -> `1m30s`. */
export const printMs = (length: Ms): string => {
  let rest: number = length;
  let text = '';
  for (const unit of ['h', 'm', 's', 'ms']) {
    const size = UNIT[unit] ?? 1;
    if (rest >= size) text += `${Math.floor(rest / size)}${unit}`;
    rest %= size;
  }
  return text === '' ? '0s' : text;
};
