import { describe, expect, test } from '@jest/globals';
import { shown } from '../../../src/domain/shown.ts';

describe('a text in a sentence', () => {
  test.each([
    ['', '""'],
    ['zero', '"zero"'],
    ['a"b\n\u0000', '"a\\"b\\n\\x00"'],
    ['x'.repeat(60), `"${'x'.repeat(60)}"`],
    ['x'.repeat(40) + 'y'.repeat(40), `"${'x'.repeat(30)}…${'y'.repeat(30)}"`],
    ['x'.repeat(1_000_000), `"${'x'.repeat(30)}…${'x'.repeat(30)}"`],
  ])('is quoted and shortened', (text, quoted) => expect(shown(text)).toBe(quoted));
});

describe('what looks like a secret is not in it', () => {
  test.each([
    ['http://me:hunter2@host:9090/x', '"http://…@host:9090/x"'],
    ['http://me:hun/ter?2@host', '"http://…@host"'],
    ['Bearer hunter2hunter2', '"Bearer …"'],
    ['Authorization: Basic aHVudGVyMjpodW50ZXIy', '"Authorization: Basic …"'],
    ['password=hunter2 x', '"password=… x"'],
    ['{"apiKey": "hunter2"}', '"{\\"apiKey\\": \\"…\\"}"'],
    ['http://h/?access_token=hunter2&a=1', '"http://h/?access_token=…&a=1"'],
    ['eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.x-y_z', '"…"'],
    [`x=1,${' '.repeat(30)}my-secret: ${'hunter2'.repeat(20)}`, `"x=1,${' '.repeat(30)}my-secret: …"`],
  ])('%j', (text, quoted) => expect(shown(text)).toBe(quoted));

  test.each(['basic', 'tls, basic', 'prometheus.token-server:9090', 'sum(rate(passwords_total[1m]))'])(
    '%j is no secret',
    (text) => expect(shown(text)).toBe(`"${text}"`),
  );

  test('a text of slashes takes no time', () => {
    expect(shown('//'.repeat(500_000))).toContain('…');
  });
});
