import { z } from 'zod';
import { revisionDecisionsSchema, type RevisionDecisions } from './schema.ts';

/** What somebody who was asked for the decisions about a revision answered. */
export type DecisionsAnswer =
  | { readonly is: 'decisions'; readonly decisions: RevisionDecisions }
  /** Every replica would say so. */
  | { readonly is: 'unknown-revision'; readonly message: string }
  /** The API server, or a replica that is not ready. */
  | { readonly is: 'refusal'; readonly status: number; readonly message: string }
  /** Not what a replica of this version answers. */
  | { readonly is: 'foreign'; readonly status: number };

/** The group in the `Status` of a refusal of ours. */
export const OWN_GROUP = 'hpa-bridge.dev';

const statusView = z.object({
  kind: z.literal('Status'),
  message: z.string().default(''),
  details: z.object({ group: z.string().default('') }).default({ group: '' }),
});

/** Reads an HTTP answer to `GET /decisions/NAMESPACE/REVISION`, from a replica or from the API server that stands before it. */
export function readDecisions(status: number, body: string): DecisionsAnswer {
  const json = jsonIn(body);
  const found = revisionDecisionsSchema.safeParse(json);
  if (status === 200 && found.success) return { is: 'decisions', decisions: found.data };
  const refusal = statusView.safeParse(json);
  if (!refusal.success) return { is: 'foreign', status };
  const { message, details } = refusal.data;
  return details.group === OWN_GROUP && status === 404
    ? { is: 'unknown-revision', message }
    : { is: 'refusal', status, message };
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
