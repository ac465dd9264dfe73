import type { JsonObject } from '../../domain/json.ts';
import { failureStatus } from '../../domain/k8s/status.ts';

/** One reason inside a Status, as in `details.causes`. */
export interface Cause extends JsonObject {
  readonly reason: string;
  readonly message: string;
  readonly field: string;
}

/** What a Status is about: enough of a kind to name it in an answer. */
export interface Subject {
  readonly group: string;
  readonly plural: string;
  readonly kind: string;
}

/** A refusal, as the API server words it: thrown anywhere below the routes and answered as a Status object. */
export class StatusError extends Error {
  readonly status: JsonObject;
  readonly code: number;
  constructor(code: number, reason: string, message: string, details?: JsonObject) {
    super(message);
    this.name = 'StatusError';
    this.code = code;
    this.status = failureStatus({ code, reason, message, details });
  }
}

/** `plural.group`, or `plural` in the core group: how a resource is called in messages. */
export const resourceName = (subject: Pick<Subject, 'group' | 'plural'>): string =>
  subject.group === '' ? subject.plural : `${subject.plural}.${subject.group}`;

const about = (subject: Subject, name: string): JsonObject => ({
  name,
  ...(subject.group === '' ? {} : { group: subject.group }),
  kind: subject.plural,
});

export const notFound = (subject: Subject, name: string): StatusError =>
  new StatusError(404, 'NotFound', `${resourceName(subject)} "${name}" not found`, about(subject, name));

export const alreadyExists = (subject: Subject, name: string): StatusError =>
  new StatusError(
    409,
    'AlreadyExists',
    `${resourceName(subject)} "${name}" already exists`,
    about(subject, name),
  );

/** A lost optimistic lock, or a precondition that does not hold. */
export const conflict = (subject: Subject, name: string, why: string): StatusError =>
  new StatusError(
    409,
    'Conflict',
    `write to ${resourceName(subject)} "${name}" refused: ${why}`,
    about(subject, name),
  );

export const applyConflict = (causes: readonly Cause[]): StatusError =>
  new StatusError(
    409,
    'Conflict',
    `apply failed with ${causes.length} conflict(s): ${causes.map((cause) => `${cause.message}: ${cause.field}`).join('; ')}`,
    { causes },
  );

export const invalid = (subject: Subject, name: string, causes: readonly Cause[]): StatusError =>
  new StatusError(
    422,
    'Invalid',
    `${subject.group === '' ? subject.kind : `${subject.kind}.${subject.group}`} "${name}" is invalid: ${causes
      .map((cause) => `${cause.field}: ${cause.message}`)
      .join('; ')}`,
    { ...about(subject, name), kind: subject.kind, causes },
  );

export const badRequest = (message: string): StatusError => new StatusError(400, 'BadRequest', message);
export const forbidden = (
  subject: Subject,
  name: string,
  why: string,
  causes: readonly Cause[] = [],
): StatusError =>
  new StatusError(403, 'Forbidden', `${resourceName(subject)} "${name}" is forbidden: ${why}`, {
    ...about(subject, name),
    ...(causes.length === 0 ? {} : { causes }),
  });
export const expired = (message: string, continueToken?: string): StatusError => {
  const error = new StatusError(410, 'Expired', message);
  if (continueToken === undefined) return error;
  return Object.assign(error, { status: { ...error.status, metadata: { continue: continueToken } } });
};
export const unsupportedMediaType = (contentType: string): StatusError =>
  new StatusError(415, 'UnsupportedMediaType', `the body of this request cannot be of type ${contentType}`);
export const methodNotAllowed = (): StatusError =>
  new StatusError(405, 'MethodNotAllowed', 'the server does not allow this method on the requested resource');
export const internalError = (message: string): StatusError => new StatusError(500, 'InternalError', message);

const shown = (value: unknown): string => (value === undefined ? 'nothing' : JSON.stringify(value));

export const required = (field: string): Cause => ({
  reason: 'FieldValueRequired',
  message: 'Required value',
  field,
});
export const invalidValue = (field: string, value: unknown, why: string): Cause => ({
  reason: 'FieldValueInvalid',
  message: `Invalid value: ${shown(value)}: ${why}`,
  field,
});
export const notSupported = (field: string, value: unknown, allowed: readonly string[]): Cause => ({
  reason: 'FieldValueNotSupported',
  message: `Unsupported value: ${shown(value)}: supported values: ${allowed.map((word) => JSON.stringify(word)).join(', ')}`,
  field,
});
