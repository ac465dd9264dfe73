import { z } from 'zod';
import { isJsonObject, type Json, type JsonObject } from '../json.ts';
import { err, ok, type Result } from '../result.ts';
import type { PatchOperation } from './model-patch.ts';

const object = z
  .custom<JsonObject>((value) => isJsonObject(value as Json), 'must be an object')
  .nullish()
  .transform((value) => value ?? undefined);

/** What we read of an AdmissionReview that asks. */
const reviewView = z.object({
  apiVersion: z.literal('admission.k8s.io/v1'),
  kind: z.literal('AdmissionReview'),
  request: z.object({
    uid: z.string().min(1),
    operation: z.enum(['CREATE', 'UPDATE', 'DELETE', 'CONNECT']),
    subResource: z.string().default(''),
    object,
    oldObject: object,
  }),
});

/** What the API server asks about: an object as it would be stored, and as it is. */
export type AdmissionRequest = z.output<typeof reviewView>['request'];

/** What becomes of a request: it is refused if there is any refusal. Each is one sentence. */
export interface Verdict {
  readonly refusals: readonly string[];
  readonly warnings: readonly string[];
  /** What is changed in the object before it is stored. */
  readonly patch?: readonly PatchOperation[];
}

/** Reads the body of a request of the API server. The error is one sentence. */
export function readAdmissionReview(body: string): Result<AdmissionRequest, string> {
  const read = reviewView.safeParse(parsed(body));
  if (read.success) return ok(read.data.request);
  const [issue] = read.error.issues;
  const where = issue === undefined || issue.path.length === 0 ? 'the body' : issue.path.join('.');
  return err(
    `${where} is not that of an AdmissionReview: expected JSON of admission.k8s.io/v1 with a request in it.`,
  );
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

/** The AdmissionReview that answers. A refusal has code and reason of Knative's own (pkg: webhook/helper.go). */
export const admissionAnswer = (uid: string, { refusals, warnings, patch = [] }: Verdict): JsonObject => ({
  apiVersion: 'admission.k8s.io/v1',
  kind: 'AdmissionReview',
  response: {
    uid,
    allowed: refusals.length === 0,
    ...(refusals.length === 0
      ? {}
      : { status: { code: 400, reason: 'BadRequest', message: refusals.join(' ') } }),
    ...(warnings.length === 0 ? {} : { warnings }),
    ...(patch.length === 0 ? {} : { patchType: 'JSONPatch', patch: base64(JSON.stringify(patch)) }),
  },
});

const base64 = (text: string): string =>
  btoa(Array.from(new TextEncoder().encode(text), (byte) => String.fromCharCode(byte)).join(''));
