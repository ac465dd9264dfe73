import { expect } from '@jest/globals';
import { RawClient } from './client.ts';
import type { Case } from './contract.ts';
import { revisionLines } from './http1.ts';

/** Requests that two readers could take for different ones. `{R}` stands for the headers of the revision. */
const AMBIGUOUS: Readonly<Record<string, readonly [text: string, unlikeKnative?: string]>> = {
  'length and chunks': [
    'POST / HTTP/1.1\r\nHost: a\r\n{R}Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    'Go drops the length',
  ],
  'chunks and length': [
    'POST / HTTP/1.1\r\nHost: a\r\n{R}Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n',
    'Go drops the length',
  ],
  'two lengths that differ': [
    'POST / HTTP/1.1\r\nHost: a\r\n{R}Content-Length: 3\r\nContent-Length: 4\r\n\r\nabc',
  ],
  'two lengths that are the same': [
    'POST / HTTP/1.1\r\nHost: a\r\n{R}Content-Length: 3\r\nContent-Length: 3\r\n\r\nabc',
    'Go takes equal ones for one',
  ],
  'a list of lengths': ['POST / HTTP/1.1\r\nHost: a\r\n{R}Content-Length: 3, 3\r\n\r\nabc'],
  'a length with a sign': ['POST / HTTP/1.1\r\nHost: a\r\n{R}Content-Length: +3\r\n\r\nabc'],
  'an empty length': ['POST / HTTP/1.1\r\nHost: a\r\n{R}Content-Length:\r\n\r\n'],
  'a folded header': ['GET / HTTP/1.1\r\nHost: a\r\n{R}X: a\r\n b\r\n\r\n', 'Go joins the lines'],
  'a line feed alone': ['GET / HTTP/1.1\r\nHost: a\nX: b\r\n{R}\r\n', 'Go takes it for the end of a line'],
  'a carriage return alone': ['GET / HTTP/1.1\r\nHost: a\r\n{R}X: a\rb\r\n\r\n'],
  'a zero byte': ['GET / HTTP/1.1\r\nHost: a\r\n{R}X: a\0b\r\n\r\n'],
  'a space before the colon': ['GET / HTTP/1.1\r\nHost: a\r\n{R}X : b\r\n\r\n'],
  'a name that is none': ['GET / HTTP/1.1\r\nHost: a\r\n{R}X(: b\r\n\r\n'],
  'an empty name': ['GET / HTTP/1.1\r\nHost: a\r\n{R}: b\r\n\r\n'],
  'a space before the first header': ['GET / HTTP/1.1\r\n Host: a\r\n{R}\r\n'],
  'no host': ['GET / HTTP/1.1\r\n{R}\r\n'],
  'two hosts': ['GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n{R}\r\n'],
  'a host that is none': ['GET / HTTP/1.1\r\nHost: a b/c\r\n{R}\r\n'],
  'an unknown encoding': [
    'POST / HTTP/1.1\r\nHost: a\r\n{R}Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n',
    'Go answers 501',
  ],
  'an encoding that almost is chunked': [
    'POST / HTTP/1.1\r\nHost: a\r\n{R}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n',
    'Go answers 501',
  ],
  'chunked twice': [
    'POST / HTTP/1.1\r\nHost: a\r\n{R}Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    'Go answers 501',
  ],
  'chunks in HTTP/1.0': [
    'POST / HTTP/1.0\r\nHost: a\r\n{R}Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    'Go ignores the encoding',
  ],
  'a fragment': ['GET /a#b HTTP/1.1\r\nHost: a\r\n{R}\r\n', 'Go escapes it'],
  'a target that is none': ['GET a HTTP/1.1\r\nHost: a\r\n{R}\r\n'],
  'another version': ['GET / HTTP/1.2\r\nHost: a\r\n{R}\r\n', 'Go takes it for 1.1'],
  'an unknown method': [
    'FOO / HTTP/1.1\r\nHost: a\r\n{R}\r\n',
    'Go takes any word for a method, and asks the pod',
  ],
};

/** Bodies whose chunks are wrong: the request has begun, and does not end well. */
const BAD_CHUNKS: Readonly<Record<string, string>> = {
  'a length that is none': 'zz\r\n\r\n',
  'a length in C': '0x1\r\na\r\n0\r\n\r\n',
  'no end of line after the bytes': '1\r\naXX0\r\n\r\n',
  'line feeds alone': '1\na\n0\n\n',
};

/** The only answer; the connection ends after it. */
const REFUSED = /^HTTP\/1\.1 400 [^]*\r\nconnection: close\r\n/i;
const TAKEN = / 200 |smuggled/;

const caseOf = (name: string, text: string, why: string | undefined): Case => ({
  name,
  ...(why === undefined ? {} : { unlikeKnative: why }),
  run: async (subject) => {
    const before = subject.pod.asked;
    using client = new RawClient(subject.port, subject);
    client.send(text.replace('{R}', revisionLines(subject)));
    const received = await client.until((text) => text.includes('\r\n\r\n') && !REFUSED.test(text));
    expect(received).toMatch(REFUSED);
    // One answer, though more may have been sent.
    expect(received.match(/HTTP\/1\.1/g)).toHaveLength(1);
    expect(subject.pod.asked).toBe(before);
  },
});

export const REFUSAL_CASES: readonly Case[] = Object.entries(AMBIGUOUS).map(([name, [text, why]]) =>
  caseOf(`refused: ${name}`, text, why),
);

/** The pod has the head by then; what matters is that nothing of the rest becomes a request, and the connection ends. */
export const CHUNK_CASES: readonly Case[] = Object.entries(BAD_CHUNKS).map(([name, text]) => ({
  name: `refused in chunks: ${name}`,
  run: async (subject) => {
    using client = new RawClient(subject.port, subject);
    const head = `POST / HTTP/1.1\r\nHost: a\r\n${revisionLines(subject)}Transfer-Encoding: chunked\r\n\r\n`;
    client.send(`${head}${text}GET /smuggled HTTP/1.1\r\nHost: a\r\n${revisionLines(subject)}\r\n`);
    const received = await client.until((text) => TAKEN.test(text));
    expect(received).not.toMatch(TAKEN);
  },
}));
