import { BODY_CASES } from './body-cases.ts';
import { BROKEN_CASES } from './broken-cases.ts';
import type { Case } from './contract.ts';
import { HTTP1_CASES } from './http1-cases.ts';
import { HTTP2_CASES } from './http2-cases.ts';
import { PROBE_CASES } from './probe-cases.ts';
import { CHUNK_CASES, REFUSAL_CASES } from './refusal-cases.ts';
import { UPGRADE_CASES } from './upgrade-cases.ts';

const over = (protocol: string, cases: readonly Case[]): readonly Case[] =>
  cases.map((each) => ({ ...each, name: `${protocol}: ${each.name}` }));

/** What an activator does. Knative's does all of it but for the cases that say why not. */
export const CASES: readonly Case[] = [
  ...PROBE_CASES,
  ...over('HTTP/1.1', [...HTTP1_CASES, ...BODY_CASES, ...UPGRADE_CASES, ...BROKEN_CASES]),
  ...over('HTTP/1.1', [...REFUSAL_CASES, ...CHUNK_CASES]),
  ...over('HTTP/2', HTTP2_CASES),
];
