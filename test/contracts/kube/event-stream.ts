import type { Readable } from 'node:stream';
import type { Body } from './kube.ts';

export interface StreamEvent {
  readonly type: string;
  readonly object: Body;
}

/** The lines of a watch, one at a time. */
export class EventStream {
  readonly code: number;
  readonly #lines: AsyncIterator<StreamEvent, undefined>;
  readonly #stop: AbortController;

  constructor(code: number, body: Readable, stop: AbortController) {
    this.code = code;
    this.#lines = linesOf(body)[Symbol.asyncIterator]();
    this.#stop = stop;
  }

  /** The next event; `undefined` when the server has ended the stream. */
  async next(): Promise<StreamEvent | undefined> {
    const { done, value } = await this.#lines.next();
    return done === true ? undefined : value;
  }

  /** So many events as `TYPE name` or, for bookmarks, `BOOKMARK`. */
  async take(count: number): Promise<readonly string[]> {
    const seen: string[] = [];
    while (seen.length < count) {
      const event = await this.next();
      if (event === undefined) return [...seen, 'END'];
      seen.push(event.type === 'BOOKMARK' ? event.type : `${event.type} ${event.object.metadata.name}`);
    }
    return seen;
  }

  /** The first event that fits; `undefined` when the stream ends before. */
  async find(fits: (event: StreamEvent) => boolean): Promise<StreamEvent | undefined> {
    for (;;) {
      const event = await this.next();
      if (event === undefined || fits(event)) return event;
    }
  }

  close(): void {
    this.#stop.abort();
  }
}

async function* linesOf(body: Readable): AsyncGenerator<StreamEvent, undefined> {
  let rest = '';
  body.on('error', () => undefined);
  for await (const chunk of body) {
    const lines = (rest + String(chunk)).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) yield JSON.parse(line) as StreamEvent;
  }
  return undefined;
}
