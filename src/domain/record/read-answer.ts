import { z } from 'zod';

/** What somebody who was asked for decisions answered. */
export type DecisionsAnswer<T> =
  | { readonly is: 'document'; readonly document: T }
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

/** Reads an HTTP answer to `GET /decisions` and what is below it, from a replica or from the API server that stands before it. */
export function readDecisions<T>(schema: z.ZodType<T>, status: number, body: string): DecisionsAnswer<T> {
  const json = jsonIn(body);
  const found = schema.safeParse(json);
  if (status === 200 && found.success) return { is: 'document', document: found.data };
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
