import { FaultError, type Fault } from '../../src/domain/fault.ts';
import type { KubeObject } from '../../src/domain/k8s/meta.ts';
import { minutes, ms, type Ms } from '../../src/domain/time.ts';
import { versionOf } from '../../src/engine/object-reader.ts';
import type { Clock } from '../../src/ports/clock.ts';
import type { KubeReader, Page, Selection, WatchEvent } from '../../src/ports/kube.ts';

/** What a list request is answered with. */
export type ListAnswer = Page | { readonly fault: Fault };

/** One thing that happens on a watch stream. After the last one the server closes the stream. */
export type Frame =
  | WatchEvent
  | { readonly fault: Fault }
  | { readonly wait: Ms }
  /** Nothing more, not even bookmarks: a half-open connection. */
  | 'silence'
  /** Nothing but a bookmark each minute, until the stream's time is over. */
  | 'quiet';

/** A KubeReader that plays a script: each request takes the next answer, and the last answer is given again and again. */
export class ScriptedReader implements KubeReader {
  readonly #clock: Clock;
  readonly #lists: ListAnswer[];
  readonly #watches: (readonly Frame[])[];
  /** What discovery says. */
  isServed = true;
  /** Where each list began: a continue token, or `start`. */
  readonly listed: string[] = [];
  /** From which version each watch was opened, and when. */
  readonly watched: { readonly from: string; readonly at: number }[] = [];

  constructor(
    clock: Clock,
    script: { readonly lists: readonly ListAnswer[]; readonly watches?: readonly (readonly Frame[])[] },
  ) {
    this.#clock = clock;
    this.#lists = [...script.lists];
    this.#watches = [...(script.watches ?? [])];
  }

  /** What comes from now on; answers not given yet are forgotten. */
  answer(lists: readonly ListAnswer[]): void {
    this.#lists.splice(0, Infinity, ...lists);
  }

  async list(_selection: Selection, page: { readonly continue?: string }): Promise<Page> {
    this.listed.push(page.continue ?? 'start');
    await Promise.resolve();
    const answer = this.#lists.length > 1 ? this.#lists.shift() : this.#lists[0];
    if (answer === undefined) throw new Error('the script has no list');
    if ('fault' in answer) throw new FaultError(answer.fault);
    return answer;
  }

  async *watch(
    _selection: Selection,
    from: { readonly resourceVersion: string; readonly timeout: Ms; readonly idle: Ms },
    signal: AbortSignal,
  ): AsyncIterable<WatchEvent> {
    this.watched.push({ from: from.resourceVersion, at: this.#clock.monotonic() });
    const script = this.#watches.length > 1 ? this.#watches.shift() : this.#watches[0];
    let version = from.resourceVersion;
    const end = this.#clock.monotonic() + from.timeout;
    for (const frame of script ?? ['quiet']) {
      await Promise.resolve();
      signal.throwIfAborted();
      if (frame === 'silence') {
        await this.#clock.sleep(from.idle, signal);
        throw new FaultError({ code: 'api_unavailable', message: 'the watch fell silent' });
      } else if (frame === 'quiet') {
        while (this.#clock.monotonic() < end) {
          await this.#clock.sleep(ms(Math.min(minutes(1), end - this.#clock.monotonic())), signal);
          yield { type: 'BOOKMARK', resourceVersion: version };
        }
      } else if ('fault' in frame) throw new FaultError(frame.fault);
      else if ('wait' in frame) await this.#clock.sleep(frame.wait, signal);
      else {
        version = frame.type === 'BOOKMARK' ? frame.resourceVersion : versionOf(frame.object);
        yield frame;
      }
    }
  }

  get(): Promise<KubeObject> {
    return Promise.reject(new FaultError({ code: 'not_found', message: 'the script has no get' }));
  }

  served(): Promise<boolean> {
    return Promise.resolve(this.isServed);
  }
}
