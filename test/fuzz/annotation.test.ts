import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { disagreements } from '../../src/domain/annotation/agree.ts';
import { readSettings } from '../../src/domain/annotation/parse.ts';
import { ANNOTATIONS, SETTINGS, spellings, type Setting } from '../../src/domain/annotation/table.ts';
import { validateAnnotations } from '../../src/domain/annotation/validate.ts';
import { AUTOSCALER_DEFAULTS } from '../../src/domain/config/autoscaler.ts';

const numRuns = Number(process.env['FUZZ_RUNS'] ?? 300);

const setting = fc.constantFrom(...SETTINGS);
const garbage = fc.oneof(
  fc.string(),
  fc.string({ unit: 'binary' }),
  fc.integer().map(String),
  fc.double().map(String),
  fc.constantFrom('NaN', '-Inf', '0x1p4', '1e400', '10s', '1h1ns', '{}', '[', 'true'),
);
const keyOf = (one: Setting): fc.Arbitrary<string> => fc.constantFrom(...spellings(one));
const annotations = fc
  .array(
    fc.tuple(
      fc.oneof(
        setting.chain(keyOf),
        fc.string().map((name) => `hpa-bridge.dev/${name}`),
        fc.string(),
      ),
      fc.oneof(
        setting.map((one) => ANNOTATIONS[one].example),
        garbage,
      ),
    ),
    { maxLength: 12 },
  )
  .map((entries) => Object.fromEntries(entries));

test('any annotations are read: a setting is there, or a mistake says why it is not', () => {
  fc.assert(
    fc.property(annotations, (given) => {
      const { settings, mistakes } = readSettings(given);
      for (const one of SETTINGS) {
        const key = spellings(one).find((spelling) => Object.hasOwn(given, spelling));
        const ignored = mistakes.some((mistake) => mistake.key === key && mistake.effect === 'ignored');
        if (key === undefined) expect(settings[one]).toBeUndefined();
        else if (settings[one] === undefined) expect({ key, ignored }).toEqual({ key, ignored: true });
      }
    }),
    { numRuns },
  );
});

test('a mistake is one printable sentence of bounded length that names its key', () => {
  fc.assert(
    fc.property(annotations, (given) => {
      const { settings, mistakes } = readSettings(given);
      for (const { key, message, effect } of [
        ...mistakes,
        ...disagreements(settings, AUTOSCALER_DEFAULTS, ''),
      ]) {
        expect(message).toMatch(/^\P{Cc}*[.?]$/u);
        expect(message.length).toBeLessThan(1200);
        if (effect !== 'unknown') expect(message).toContain(key);
      }
    }),
    { numRuns },
  );
});

test('admission answers whatever it is given, each message once', () => {
  fc.assert(
    fc.property(annotations, (given) => {
      const messages = validateAnnotations(AUTOSCALER_DEFAULTS, given).map(({ message }) => message);
      expect(new Set(messages).size).toBe(messages.length);
    }),
    { numRuns },
  );
});
