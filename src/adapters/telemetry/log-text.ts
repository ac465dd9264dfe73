import type { DestinationStream } from 'pino';

/** Turns JSON lines into lines for people: time of day, level, message, then the fields as `name=value`. */
export const textLines = (out: DestinationStream): DestinationStream => ({
  write: (line) => out.write(textLine(line)),
});

/** One JSON line as text; what is not one stays as it is. */
export function textLine(line: string): string {
  const read = parse(line);
  if (read === undefined) return line;
  const { time, level, message, stack, ...fields } = read;
  const named = Object.entries(fields).map(([name, value]) => `${name}=${quoted(value)}`);
  const head = `${String(time).slice(11, 19)} ${String(level).padEnd(5)} ${String(message)}`;
  const tail = typeof stack === 'string' ? `\n${stack.replaceAll(/^/gm, '    ')}` : '';
  return `${[head, ...named].join(' ')}${tail}\n`;
}

function parse(line: string): Record<string, unknown> | undefined {
  try {
    const read: unknown = JSON.parse(line);
    return typeof read === 'object' && read !== null ? { ...read } : undefined;
  } catch {
    return undefined;
  }
}

const quoted = (value: unknown): string => {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return /^[^\s"=]+$/.test(text) ? text : JSON.stringify(text);
};
