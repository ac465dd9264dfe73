import type { Case } from './contract.ts';
import { HTTP1_CASES } from './http1-cases.ts';
import { HTTP2_CASES } from './http2-cases.ts';
import { PROBE_CASES } from './probe-cases.ts';
import { CHUNK_CASES, REFUSAL_CASES } from './refusal-cases.ts';

/** What any activator does, but for the cases that say why Knative's does not. */
export const CASES: readonly Case[] = [
  ...PROBE_CASES,
  ...HTTP1_CASES,
  ...HTTP2_CASES,
  ...REFUSAL_CASES,
  ...CHUNK_CASES,
];
