import { expect, test } from '@jest/globals';
import { createLog, type LogOptions } from '../../../../src/adapters/telemetry/log.ts';
import { FaultError } from '../../../../src/domain/fault.ts';
import type { Log } from '../../../../src/ports/log.ts';

const logged = (options: Partial<LogOptions>, use: (log: Log) => void): string[] => {
  const lines: string[] = [];
  use(
    createLog({ level: 'info', format: 'json', to: { write: (line) => void lines.push(line) }, ...options }),
  );
  return lines;
};
const parsed = (line: string | undefined): Record<string, unknown> =>
  JSON.parse(line ?? '') as Record<string, unknown>;

test('a line is one JSON object with time, level, message and the fields', () => {
  const [line, ...more] = logged({}, (log) =>
    log.with({ process: 'controller' }).info('reconciled', { key: 'ns/a', ms: 12 }),
  );
  expect(more).toEqual([]);
  expect(line?.endsWith('\n')).toBe(true);
  const { time, ...rest } = parsed(line);
  expect(rest).toEqual({ level: 'info', message: 'reconciled', process: 'controller', key: 'ns/a', ms: 12 });
  expect(time).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
});

test('a level is the least that is written, and off writes nothing', () => {
  const all = (log: Log): void => {
    log.debug('d');
    log.info('i');
    log.warn('w');
    log.error('e');
  };
  const messages = (level: LogOptions['level']): unknown[] =>
    logged({ level }, all).map((line) => parsed(line)['message']);
  expect(messages('debug')).toEqual(['d', 'i', 'w', 'e']);
  expect(messages('warn')).toEqual(['w', 'e']);
  expect(messages('off')).toEqual([]);
});

test('an error shows the stacks of its causes and no other field of them', () => {
  const foreign = Object.assign(new TypeError('socket'), { headers: { authorization: 'Bearer abc' } });
  const cause = new FaultError({ code: 'internal', message: 'the write failed' }, foreign);
  const [line] = logged({}, (log) => log.error('reconcile failed', { key: 'ns/a', cause }));
  const { stack, cause: leaked } = parsed(line);
  expect(leaked).toBeUndefined();
  expect(stack).toMatch(/^FaultError: the write failed\n[^]*\ncaused by: TypeError: socket\n/);
  expect(line).not.toContain('Bearer');
});

test.each([
  ['words', 'words'],
  [undefined, undefined],
  [{ token: 'abc' }, 'a object was thrown'],
])('what is not an error: %j', (cause, stack) => {
  const [line] = logged({}, (log) => log.error('failed', { cause }));
  expect(parsed(line)['stack']).toBe(stack);
});

test('an error that is its own cause ends', () => {
  const loop = new Error('loop');
  loop.cause = loop;
  expect(logged({}, (log) => log.error('failed', { cause: loop }))).toHaveLength(1);
});

test('text is for people: time of day, level, message, fields, then the stack', () => {
  const [plain, failed] = logged({ format: 'text' }, (log) => {
    log.warn('another process holds the lease', { lease: 'a', holder: 'b c', ms: 3 });
    log.error('failed', { cause: 'it broke' });
  });
  expect(plain).toMatch(
    /^\d\d:\d\d:\d\d warn {2}another process holds the lease lease=a holder="b c" ms=3\n$/,
  );
  expect(failed).toMatch(/^\d\d:\d\d:\d\d error failed\n {4}it broke\n$/);
});
