import type { Dispatcher } from 'undici';
import { err, type Result } from '../../domain/result.ts';
import { readStat } from '../../domain/scale/stat-wire.ts';
import type { Stat } from '../../domain/scale/stat.ts';
import type { StatFailure } from '../../ports/stat-source.ts';
import { codeOfError, sayingOf } from '../kube/network-errors.ts';

export const CONTENT_TYPE = 'application/protobuf';
/** The longest report (serving: pkg/autoscaler/metrics/http_scrape_client.go). */
export const MOST_BYTES = 336;

export type Answered = Result<Stat, StatFailure>;

/**
 * One question to a queue-proxy, as undici calls back while it is answered. Thousands are asked each second: there is no stream, no promise
 * for each part and no signal for each question.
 */
export class Question implements Dispatcher.DispatchHandler {
  readonly #at: string;
  readonly #answer: (answered: Answered) => void;
  #controller: Dispatcher.DispatchController | undefined;
  /** Why it is given up. */
  #given: Error | undefined;
  /** What is wrong with the head of the answer. */
  #refused: Answered | undefined;
  #body: Buffer | undefined;

  /** `at` is host and port. The first call of `answer` counts: more may follow. */
  constructor(at: string, answer: (answered: Answered) => void) {
    this.#at = at;
    this.#answer = answer;
  }

  /** Answers that it came to nothing, because the one who is asked did this, as the end of a sentence. */
  giveUp(why: string): void {
    this.#given = new Error(why);
    this.#answer(failed(`${this.#at} ${why}`));
    this.#controller?.abort(this.#given);
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#given !== undefined) controller.abort(this.#given);
  }

  onResponseStart(
    _controller: Dispatcher.DispatchController,
    status: number,
    headers: Readonly<Record<string, string | string[] | undefined>>,
  ): void {
    const type = headers['content-type'];
    if (status < 200 || status > 299)
      this.#refused = failed(`${this.#at} answered with status ${status}`, status === 502 || status === 503);
    else if (type !== CONTENT_TYPE)
      this.#refused = failed(
        `${this.#at} answered with ${typeof type === 'string' ? 'another' : 'no'} content type: expected ${CONTENT_TYPE}`,
      );
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    // The parser's memory is used again after this call.
    this.#body = this.#body === undefined ? Buffer.from(chunk) : Buffer.concat([this.#body, chunk]);
  }

  onResponseEnd(): void {
    this.#answer(this.#refused ?? this.#read());
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    // Of an answer that is refused already, the rest is not needed: a mesh's own may be long.
    this.#answer(this.#refused ?? failed(wrongWith(error, this.#at)));
  }

  #read(): Answered {
    const read = readStat(this.#body ?? Buffer.alloc(0));
    return read.ok ? read : err({ message: read.error.message, likeMesh: false });
  }
}

const failed = (what: string, likeMesh = false): Result<never, StatFailure> =>
  err({ message: `${what.charAt(0).toUpperCase()}${what.slice(1)}.`, likeMesh });

function wrongWith(error: unknown, at: string): string {
  const code = codeOfError(error);
  if (code === 'UND_ERR_RES_EXCEEDED_MAX_SIZE') return `${at} answered with more than ${MOST_BYTES} bytes`;
  return sayingOf(error, at);
}
