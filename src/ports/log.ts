/** Structured logging: one JSON object a line. Messages are constants in lower case; values go into fields. */
export interface Log {
  /** A logger that adds these fields to every line. */
  with(fields: LogFields): Log;
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  /** `cause` is logged with its stack. */
  error(message: string, fields?: LogFields & { readonly cause?: unknown }): void;
}

/** The closed set of field names, so that logs can be searched. */
export interface LogFields {
  readonly process?: string;
  readonly key?: string;
  readonly kind?: string;
  readonly resource?: string;
  readonly fault?: string;
  readonly reason?: string;
  readonly detail?: string;
  readonly ms?: number;
  readonly count?: number;
  readonly lease?: string;
  readonly holder?: string;
  readonly address?: string;
  readonly port?: number;
  readonly version?: string;
}
