import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { parse } from 'yaml';
import type { Json } from '../../../domain/json.ts';
import { badRequest, StatusError } from '../status.ts';

const BODY_LIMIT = 3 * 1024 * 1024;
/** Smaller answers are not worth compressing. */
const GZIP_FROM = 128 * 1024;
const gzipped = promisify(gzip);

/** Reads a whole body; 413 above 3 MiB. */
export async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size <= BODY_LIMIT) chunks.push(chunk);
  }
  if (size > BODY_LIMIT)
    throw new StatusError(413, 'RequestEntityTooLarge', `Request entity too large: limit is ${BODY_LIMIT}`);
  return Buffer.concat(chunks).toString();
}

/** Reads a body as JSON, or as YAML where that is allowed. */
export function parseBody(text: string, contentType: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch (cause) {
    if (!contentType.includes('yaml')) throw badRequest(`the body is not JSON: ${String(cause)}`);
  }
  try {
    return parse(text) as Json;
  } catch (cause) {
    throw badRequest(`the body is not YAML: ${String(cause)}`);
  }
}

export interface Answer {
  readonly code: number;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export const json = (code: number, body: unknown): Answer => ({ code, body: JSON.stringify(body) });
export const plain = (code: number, body: string): Answer => ({
  code,
  body,
  headers: { 'content-type': 'text/plain; charset=utf-8' },
});

const acceptsGzip = ({ headers }: IncomingMessage): boolean =>
  headers['accept-encoding']?.includes('gzip') ?? false;

export async function send(
  request: IncomingMessage,
  response: ServerResponse,
  answer: Answer,
): Promise<void> {
  const zip = answer.body.length > GZIP_FROM && acceptsGzip(request);
  const body = zip ? await gzipped(answer.body, { level: 1 }) : Buffer.from(answer.body);
  response.writeHead(answer.code, {
    'content-type': 'application/json',
    'content-length': body.length,
    ...(zip ? { 'content-encoding': 'gzip', vary: 'Accept-Encoding' } : {}),
    ...answer.headers,
  });
  response.end(request.method === 'HEAD' ? undefined : body);
}

/** Anything thrown, as an answer. */
export function refusal(thrown: unknown): Answer {
  const error =
    thrown instanceof StatusError ? thrown : new StatusError(500, 'InternalError', String(thrown));
  const after = error.code === 504 || error.code === 429 ? { 'retry-after': '1' } : undefined;
  return { ...json(error.code, error.status), ...(after === undefined ? {} : { headers: after }) };
}
