/** An answer that is not a success, before it is written as a Status object. */
export interface Refusal {
  readonly code: number;
  /** The machine's word for it, as apimachinery has them. */
  readonly reason: string;
  /** One sentence. The HPA quotes it in its condition. */
  readonly message: string;
}

export const badRequest = (message: string): Refusal => ({ code: 400, reason: 'BadRequest', message });
export const unauthorized = (): Refusal => ({ code: 401, reason: 'Unauthorized', message: 'Unauthorized' });
export const forbidden = (message: string): Refusal => ({ code: 403, reason: 'Forbidden', message });
export const notFound = (message: string): Refusal => ({ code: 404, reason: 'NotFound', message });
export const methodNotAllowed = (method: string): Refusal => ({
  code: 405,
  reason: 'MethodNotAllowed',
  message: `${method} is not possible here: metrics are only read, with GET and without a watch.`,
});
export const tooManyRequests = (message: string): Refusal => ({
  code: 429,
  reason: 'TooManyRequests',
  message,
});
export const internalError = (message: string): Refusal => ({
  code: 500,
  reason: 'InternalError',
  message: `Internal error occurred: ${message}`,
});
/** We serve it, and there is nothing that could be told now. */
export const unavailable = (message: string): Refusal => ({
  code: 503,
  reason: 'ServiceUnavailable',
  message,
});
