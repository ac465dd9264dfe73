import { z } from 'zod';
import type { Fault, FaultCode } from '../../domain/fault.ts';
import { ms, type Ms } from '../../domain/time.ts';
import { withoutSecrets } from '../../domain/without-secrets.ts';

/** An answer of the API server that is not a success. */
export interface Refusal {
  readonly status: number;
  /** The body: a Status object, or plain text from the layers in front of one. */
  readonly body: string;
  /** The `Retry-After` header as sent. */
  readonly retryAfter?: string | undefined;
  /** What was asked, for the sentence: `apply scaledobjects.keda.sh team/shop`. */
  readonly asked: string;
  /** The wall clock, to read a Retry-After that is a date. */
  readonly now: number;
}

const causeView = z.object({
  reason: z.string().catch(''),
  message: z.string().catch(''),
  field: z.string().catch(''),
});

const statusView = z.object({
  message: z.string().catch(''),
  reason: z.string().catch(''),
  code: z.number().catch(0),
  details: z
    .object({
      name: z.string().catch(''),
      kind: z.string().catch(''),
      retryAfterSeconds: z.number().catch(0),
      causes: z.array(causeView).catch([]),
    })
    .catch({ name: '', kind: '', retryAfterSeconds: 0, causes: [] }),
});

/** The part of a Status object that we read; every field has a value. */
export type Status = z.output<typeof statusView>;

const EMPTY: Status = statusView.parse({});

const isKind = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'Status';

/** Undefined when the text is not a Status object. */
export function parseStatus(body: string): Status | undefined {
  try {
    const value: unknown = JSON.parse(body);
    return isKind(value) ? statusView.parse(value) : undefined;
  } catch {
    return undefined;
  }
}

/** The Status object inside an ERROR event of a watch. */
export const readStatus = (value: unknown): Status => statusView.catch(EMPTY).parse(value);

/** Server-side apply of a field with the wrong JSON type is answered 500, but no retry will ever help. */
const WRONG_TYPE =
  /failed to create (typed patch|manager for existing|typed live) object|expected (string|map|list|numeric|boolean), got/;

const BY_STATUS: Readonly<Record<number, FaultCode>> = {
  400: 'rejected',
  401: 'unauthorized',
  405: 'rejected',
  406: 'rejected',
  410: 'gone',
  413: 'rejected',
  415: 'rejected',
  422: 'rejected',
  429: 'too_many_requests',
};

function notFoundOr(status: Status | undefined): FaultCode {
  // Without a Status, or without the name of an object in it, it is the path that is unknown.
  return status === undefined || status.details.name === '' ? 'kind_not_served' : 'not_found';
}

/** What the API server says of a kind that it is about to forget, in the words of a missing right. */
const LEAVING_KIND = /create not allowed while custom resource definition is terminating/;

function forbiddenOr(status: Status | undefined): FaultCode {
  const leaving = status?.details.causes.some((cause) => cause.reason === 'NamespaceTerminating') ?? false;
  if (LEAVING_KIND.test(status?.message ?? '')) return 'kind_not_served';
  return leaving ? 'not_found' : 'forbidden';
}

const BY_BODY: Readonly<Record<number, (status: Status | undefined) => FaultCode>> = {
  403: forbiddenOr,
  404: notFoundOr,
  409: (status) => (status?.reason === 'AlreadyExists' ? 'already_exists' : 'conflict'),
  500: (status) => (WRONG_TYPE.test(status?.message ?? '') ? 'rejected' : 'api_unavailable'),
};

/** A webhook chooses its own code, which then means what the webhook looked at, and not our rights or our object. */
const DENIED = /^admission webhook "[^"]*" denied the request/;

/** The code of a refusal; see FAULTS for what each means. */
export function codeOfRefusal(http: number, status: Status | undefined): FaultCode {
  if (DENIED.test(status?.message ?? '')) return 'rejected';
  const known = BY_BODY[http]?.(status) ?? BY_STATUS[http];
  if (known !== undefined) return known;
  return http >= 400 && http < 500 ? 'rejected' : 'api_unavailable';
}

const LONGEST = 1024;

/** One line, cut: a body may be a page of HTML. */
export const oneLine = (text: string, longest = LONGEST): string => {
  const line = text.replaceAll(/\s+/g, ' ').trim();
  return line.length <= longest ? line : `${line.slice(0, longest - 1)}…`;
};

function said(status: Status | undefined, body: string): string {
  const message = status?.message ?? body;
  // The message of an Invalid status or an apply conflict mostly repeats its causes, but not always.
  const missing = (status?.details.causes ?? [])
    .filter(({ field, message: why }) => !message.includes(field) || !message.includes(why))
    .map(({ field, message: why }) => (field === '' ? why : `${field}: ${why}`));
  const words = [message, ...missing].filter((part) => part !== '').join('; ');
  // The server may quote what it refuses. More than twice of what is kept is not looked through.
  return oneLine(withoutSecrets(words.slice(0, 2 * LONGEST)));
}

const LEAD: Readonly<Partial<Record<FaultCode, string>>> = {
  forbidden: 'The API server forbids us to',
  unauthorized: 'The API server did not accept our credentials to',
  kind_not_served: 'The API server does not serve what we need to',
  not_found: 'The API server does not find what it needs to',
  gone: 'The history that we asked for has expired, on',
  too_many_requests: 'The API server asked us to slow down, on',
  conflict: 'Somebody else was faster or owns a field, on',
  already_exists: 'The object exists already, for',
  rejected: 'The API server refused to',
};

/** Milliseconds that a Retry-After asks for: seconds, or an HTTP date. Undefined when it says nothing sensible. */
export function retryAfterOf(header: string | undefined, now: number): Ms | undefined {
  if (header === undefined || header.trim() === '') return undefined;
  if (/^\d{1,9}$/.test(header.trim())) return ms(Number(header) * 1000);
  // Date.parse would take much for a date that is none.
  const at = /^\s*[A-Z][a-z]{2}, /.test(header) ? Date.parse(header) : Number.NaN;
  return Number.isNaN(at) ? undefined : ms(Math.max(0, at - now));
}

/** An answer that is not a success, as a fault whose message quotes what the server said. */
export function faultOfRefusal(refusal: Refusal): Fault {
  const status = parseStatus(refusal.body);
  return faultOfStatus(refusal, status ?? { ...EMPTY, message: refusal.body }, status !== undefined);
}

function faultOfStatus(refusal: Omit<Refusal, 'body'>, status: Status, isStatus: boolean): Fault {
  const code = codeOfRefusal(refusal.status, isStatus ? status : undefined);
  const lead = LEAD[code] ?? `The API server answered ${refusal.status} to`;
  const words = said(status, '');
  const asked = status.details.retryAfterSeconds;
  const wait = retryAfterOf(refusal.retryAfter, refusal.now) ?? (asked > 0 ? ms(asked * 1000) : undefined);
  return {
    code,
    message: `${lead} ${refusal.asked}${words === '' ? '' : `: ${words}`}`,
    ...(wait === undefined ? {} : { retryAfterMs: wait }),
  };
}

/** The fault in an ERROR event of a watch: the answer was 200, the code is in the Status. */
export const faultOfErrorEvent = (object: unknown, asked: string, now: number): Fault => {
  const status = readStatus(object);
  return faultOfStatus({ status: status.code, asked, now }, status, true);
};
