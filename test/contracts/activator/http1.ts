import { request as http1Request, type ClientRequest } from 'node:http';
import { ask, type Answer, type Sent } from './client.ts';
import type { Subject } from './contract.ts';

type Request = Omit<Sent, 'host' | 'port'>;

/** One request for the revision. */
export const send = (
  { host, port, revision }: Subject,
  { headers = {}, ...rest }: Request,
): Promise<Answer> => ask({ host, port, headers: { ...revision, ...headers }, ...rest });

export const get = (subject: Subject, path: string, headers = {}): Promise<Answer> =>
  send(subject, { path, headers });

/** A request that the case goes on with; who hangs does not keep a run from ending. */
export const begin = (
  { host, port, revision }: Subject,
  { headers = {}, ...rest }: Omit<Request, 'body'>,
): ClientRequest =>
  http1Request({ host, port, headers: { ...revision, ...headers }, agent: false, ...rest }).once(
    'socket',
    (socket) => socket.unref(),
  );

/** The headers of the revision, as lines. */
export const revisionLines = ({ revision }: Subject): string =>
  Object.entries(revision)
    .map(([name, value]) => `${name}: ${value}\r\n`)
    .join('');

/** A head for raw clients. */
export const headFor = (subject: Subject, line: string, ...headers: readonly string[]): string =>
  `${line}\r\nHost: app.example.com\r\n${revisionLines(subject)}${[...headers, '', ''].join('\r\n')}`;
