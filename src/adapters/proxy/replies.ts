import type { OutgoingHttpHeaders, ServerResponse } from 'node:http';
import type { Http2Stream, ServerHttp2Stream } from 'node:http2';
import type { Reply } from '../../domain/activator/headers.ts';

/** A refusal is nobody's page: browsers must not guess at what it is. */
const TEXT = ['content-type', 'text/plain; charset=utf-8', 'x-content-type-options', 'nosniff'] as const;

const headersOf = ({ headers, body }: Reply): string[] => [
  ...headers,
  ...(body === '' ? [] : TEXT),
  'content-length',
  String(Buffer.byteLength(body)),
];

/** Answers over HTTP/1; with `close`, the connection ends after it. */
export function sendReply(response: ServerResponse, reply: Reply, close: boolean): void {
  const headers = headersOf(reply);
  if (close) headers.push('connection', 'close');
  response.writeHead(reply.status, headers);
  response.end(reply.body);
}

/** Answers over HTTP/2. What the client still sends is not read. */
export function sendStreamReply(stream: ServerHttp2Stream, reply: Reply): void {
  if (stream.destroyed || stream.closed) return;
  const headers: OutgoingHttpHeaders = { ':status': reply.status };
  const list = headersOf(reply);
  for (let at = 0; at < list.length; at += 2) headers[list[at] ?? ''] = list[at + 1];
  stream.respond(headers);
  stream.end(reply.body, () => closeUnread(stream));
}

/** Makes the client see that what came is not all. To close a stream would end its data well, whatever the code. */
export function breakOff(stream: Http2Stream): void {
  stream.destroy(new Error('what came is not all'));
}

/** After its answer, an HTTP/2 request whose body was not read to the end is over without being an error (RFC 9113, 8.1). */
export function closeUnread(stream: ServerHttp2Stream): void {
  setImmediate(() => {
    if (!stream.readableEnded && !stream.destroyed) stream.close();
  });
}
