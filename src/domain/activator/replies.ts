import { shown } from '../shown.ts';
import type { Reply } from './headers.ts';

/** What a request gets whose time is over before its answer began. */
export const TIMED_OUT: Reply = { status: 504, headers: [], body: 'activator request timeout' };

/** What a request gets that no reader understands, or two understand differently. */
export const badRequest = (why: string): Reply => ({ status: 400, headers: [], body: why });

/** What a request gets whose pod did not take it or did not answer. */
export const badGateway = (why: string): Reply => ({
  status: 502,
  headers: [],
  body: `pod did not answer: ${shown(why)}`,
});

/** What a request gets that nobody takes. `retryAfter` in seconds. */
export const refusal = (status: number, message: string, retryAfter: number | undefined): Reply => ({
  status,
  headers: retryAfter === undefined ? [] : ['retry-after', String(Math.ceil(retryAfter))],
  body: message,
});

/**
 * What is answered to methods that are about no revision; undefined for all others. `OPTIONS *` asks about the server (Go's answers as this),
 * and nobody tunnels through an activator.
 */
export function replyToMethod(method: string, path: string): Reply | undefined {
  if (method === 'CONNECT') return { status: 405, headers: [], body: 'CONNECT is not served' };
  return method === 'OPTIONS' && path === '*' ? { status: 200, headers: [], body: '' } : undefined;
}
