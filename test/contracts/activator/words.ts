import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Asked } from './pod.ts';

/** The values of one header, of a list of names and values in turn. */
export const valuesOf = (raw: readonly string[], name: string): readonly string[] =>
  raw.filter((_, i) => i % 2 === 1 && raw[i - 1]?.toLowerCase() === name);

/** What the pod was asked, as it told it. */
export const askedIn = ({ status, body }: { readonly status: number; readonly body: string }): Asked => {
  if (status !== 200) throw new Error(`answered with ${status}: ${body.slice(0, 200)}`);
  return JSON.parse(body) as Asked;
};

export const body10MiB = (): Buffer => Buffer.alloc(10 * 2 ** 20, 'hpa-bridge ');
export const SHA1_OF_10_MIB = createHash('sha1').update(body10MiB()).digest('hex');

/** Waits until something is so; who never sees it fails by the time limit of its test. */
export async function eventually(claim: () => boolean): Promise<void> {
  while (!claim()) await sleep(5);
}
