import { pino, type DestinationStream, type Logger } from 'pino';
import type { Log, LogFields } from '../../ports/log.ts';
import { textLines } from './log-text.ts';

export interface LogOptions {
  readonly level: 'debug' | 'info' | 'warn' | 'error' | 'off';
  readonly format: 'json' | 'text';
  /** Standard output, unless a test wants to read along. */
  readonly to?: DestinationStream;
}

/**
 * Lines are written before the call returns, so that nothing is lost when the process ends. Every JSON line has `time`, `level` and
 * `message`, then the fields; an error has `stack`.
 */
export function createLog({ level, format, to }: LogOptions): Log {
  const out = to ?? pino.destination({ fd: 1, sync: true });
  const logger = pino(
    {
      level: level === 'off' ? 'silent' : level,
      base: null,
      messageKey: 'message',
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    format === 'json' ? out : textLines(out),
  );
  return wrap(logger);
}

const wrap = (logger: Logger): Log => ({
  with: (fields) => wrap(logger.child(fields)),
  debug: (message, fields) => logger.debug(fields ?? {}, message),
  info: (message, fields) => logger.info(fields ?? {}, message),
  warn: (message, fields) => logger.warn(fields ?? {}, message),
  error: (message, fields) => logger.error(withStack(fields), message),
});

function withStack(fields: (LogFields & { readonly cause?: unknown }) | undefined): object {
  const { cause, ...named } = fields ?? {};
  return cause === undefined ? named : { ...named, stack: stackOf(cause) };
}

/** How many causes of causes are worth a line. */
const DEPTH = 5;

/** Stacks only: the other fields of a foreign error may hold request headers. */
function stackOf(thrown: unknown): string {
  const stacks: string[] = [];
  let error = thrown;
  while (error instanceof Error && stacks.length < DEPTH) {
    stacks.push(error.stack ?? `${error.name}: ${error.message}`);
    error = error.cause;
  }
  if (stacks.length === 0) return typeof thrown === 'string' ? thrown : `a ${typeof thrown} was thrown`;
  return stacks.join('\ncaused by: ');
}
