import type { Log } from '../../ports/log.ts';

const MANY = 100;

/** Says once what the API server warns about in `Warning` headers, such as deprecated versions. */
export class WarningLog {
  readonly #log: Log;
  readonly #said = new Set<string>();

  constructor(log: Log) {
    this.#log = log;
  }

  note(header: string | readonly string[] | undefined): void {
    if (header === undefined) return;
    for (const line of typeof header === 'string' ? [header] : header)
      for (const [, text] of line.matchAll(/299 \S+ "((?:[^"\\]|\\.)*)"/g)) this.#say(text ?? '');
  }

  #say(text: string): void {
    if (this.#said.has(text) || this.#said.size >= MANY) return;
    this.#said.add(text);
    this.#log.debug('the API server warns', { detail: text.replaceAll(/\\(.)/g, '$1') });
  }
}
