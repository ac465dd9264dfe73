import type { Log, LogFields } from '../../src/ports/log.ts';

export interface Line {
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  readonly message: string;
  readonly fields: LogFields & { readonly cause?: unknown };
}

/** A log that keeps its lines instead of printing them. */
export class SilentLog implements Log {
  readonly lines: Line[];
  readonly #fields: LogFields;

  constructor(fields: LogFields = {}, lines: Line[] = []) {
    this.#fields = fields;
    this.lines = lines;
  }

  with(fields: LogFields): Log {
    return new SilentLog({ ...this.#fields, ...fields }, this.lines);
  }
  debug(message: string, fields: LogFields = {}): void {
    this.#keep('debug', message, fields);
  }
  info(message: string, fields: LogFields = {}): void {
    this.#keep('info', message, fields);
  }
  warn(message: string, fields: LogFields = {}): void {
    this.#keep('warn', message, fields);
  }
  error(message: string, fields: LogFields & { readonly cause?: unknown } = {}): void {
    this.#keep('error', message, fields);
  }

  #keep(level: Line['level'], message: string, fields: Line['fields']): void {
    this.lines.push({ level, message, fields: { ...this.#fields, ...fields } });
  }
}
