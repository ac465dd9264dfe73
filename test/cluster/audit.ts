import { readFileSync } from 'node:fs';
import { join } from 'node:path/posix';
import { LAB } from './lab.ts';

/** What the API server recorded of one call; lab/audit-policy.yaml says of which. */
export interface Call {
  readonly verb: string;
  readonly user: { readonly username: string };
  readonly objectRef?: {
    readonly apiGroup?: string;
    readonly resource: string;
    readonly subresource?: string;
    readonly namespace?: string;
    readonly name?: string;
  };
  readonly responseStatus?: { readonly code?: number };
}

/** The calls whose record contains this text, oldest first. */
export const callsWith = (text: string): readonly Call[] =>
  readFileSync(join(LAB.run, 'audit.log'), 'utf8')
    .split('\n')
    .filter((line) => line.includes(text))
    .map((line) => JSON.parse(line) as Call);
