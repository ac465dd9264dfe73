import { request as http1Request, type ClientRequest, type IncomingMessage } from 'node:http';
import { connect as connectHttp2, type ClientHttp2Session, type OutgoingHttpHeaders } from 'node:http2';
import { connect, type Socket } from 'node:net';

const LOOPBACK = '127.0.0.1';

/** What a client got. */
export interface Answer {
  readonly status: number;
  readonly raw: readonly string[];
  readonly headers: NodeJS.Dict<string | string[]>;
  readonly body: string;
  readonly trailers: NodeJS.Dict<string | string[]>;
  /** Statuses of 1xx before it. */
  readonly before: readonly number[];
}

export interface Sent {
  readonly host?: string;
  readonly port: number;
  readonly path: string;
  readonly method?: string;
  readonly headers?: OutgoingHttpHeaders;
  readonly body?: string | Buffer;
}

/** One request over HTTP/1.1, on a connection of its own. */
export function ask({
  host = LOOPBACK,
  port,
  path,
  method = 'GET',
  headers = {},
  body,
}: Sent): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const before: number[] = [];
    const request = http1Request({
      host,
      port,
      path,
      method,
      headers,
      agent: false,
      maxHeaderSize: 2 ** 21,
    });
    request.on('information', ({ statusCode }) => before.push(statusCode));
    // Not the error itself: it may carry megabytes, which nobody wants to see printed.
    request.on('error', ({ message }) => reject(new Error(message)));
    request.on('response', (response) => void answerOf(response, before).then(resolve, reject));
    request.end(body);
  });
}

/** Whole, or rejects. */
export async function answerOf(response: IncomingMessage, before: readonly number[] = []): Promise<Answer> {
  let body = '';
  for await (const chunk of response) body += String(chunk);
  const { statusCode: status = 0, rawHeaders: raw, headers, trailers } = response;
  return { status, raw, headers, body, trailers, before };
}

/** The head of an answer, with the body still to come. */
export const headOf = (request: ClientRequest): Promise<IncomingMessage> =>
  new Promise((resolve, reject) => request.once('response', resolve).once('error', reject));

/** Bytes over a connection, and all that comes back until it is closed or the claim holds. */
export class RawClient {
  readonly socket: Socket;
  received = '';
  #look: () => void = () => undefined;

  constructor(
    port: number,
    {
      host = LOOPBACK,
      allowHalfOpen = false,
    }: { readonly host?: string; readonly allowHalfOpen?: boolean } = {},
  ) {
    this.socket = connect({ host, port, allowHalfOpen });
    // Who hangs does not keep a run from ending.
    this.socket.setEncoding('latin1').unref();
    this.socket.on('data', (text: string) => {
      this.received += text;
      this.#look();
    });
    this.socket.on('error', () => undefined).on('close', () => this.#look());
  }

  send(text: string): this {
    this.socket.write(text, 'latin1');
    return this;
  }

  /** What came, once the claim holds of it or the connection is closed. */
  until(claim: (received: string) => boolean): Promise<string> {
    return new Promise((resolve) => {
      this.#look = () => {
        if (claim(this.received) || this.socket.closed) resolve(this.received);
      };
      this.#look();
    });
  }

  /** What came until the other side closed. */
  closed(): Promise<string> {
    return this.until(() => false);
  }

  [Symbol.dispose](): void {
    this.socket.destroy();
  }
}

export interface StreamAnswer extends Answer {
  /** How the stream was closed; 0: well. */
  readonly code: number;
}

/** One request over HTTP/2. */
export function askHttp2(
  session: ClientHttp2Session,
  { path, method = 'GET', headers = {}, body }: Omit<Sent, 'host' | 'port'>,
): Promise<StreamAnswer> {
  return new Promise((resolve) => {
    const stream = session.request(
      { ':path': path, ':method': method, ...headers },
      { endStream: body === undefined },
    );
    const before: number[] = [];
    let [status, text] = [0, ''];
    let got: NodeJS.Dict<string | string[]> = {};
    let raw: readonly string[] = [];
    let trailers: NodeJS.Dict<string | string[]> = {};
    stream.on('headers', (info) => before.push(Number(info[':status'])));
    stream.on('response', (head, _flags, list: readonly string[]) => {
      status = head[':status'] ?? 0;
      got = head;
      raw = list;
    });
    stream.on('trailers', (sent) => (trailers = sent));
    stream.on('data', (chunk: Buffer) => (text += chunk.toString('latin1')));
    stream.on('error', () => undefined);
    stream.on('close', () =>
      resolve({
        status,
        raw,
        headers: got,
        body: text,
        trailers,
        before,
        code: stream.rstCode,
      }),
    );
    if (body !== undefined) stream.end(body);
  });
}

/** A connection of HTTP/2 with prior knowledge. */
export function openHttp2(port: number, host = LOOPBACK): ClientHttp2Session {
  const session = connectHttp2(`http://${host}:${port}`, { maxSendHeaderBlockLength: 2 ** 20 });
  session.on('error', () => undefined);
  session.unref();
  return session;
}
