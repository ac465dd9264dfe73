import { parseDuration, printDuration, nanos, roundToSecond } from '../../src/domain/go/duration.ts';
import { formatF, formatG } from '../../src/domain/go/fmt-float.ts';
import { max, min, pow, round, smoothingCoefficient, toInt32 } from '../../src/domain/go/math.ts';
import type { NumError } from '../../src/domain/go/num-error.ts';
import { parseBool } from '../../src/domain/go/parse-bool.ts';
import { parseFloat64 } from '../../src/domain/go/parse-float.ts';
import { atoi, parseInt32 } from '../../src/domain/go/parse-int.ts';
import { trimSpace } from '../../src/domain/go/trim-space.ts';
import { isJsonObject, type Json, type JsonObject } from '../../src/domain/json.ts';
import type { Result } from '../../src/domain/result.ts';
import { compared, recordedNumber } from './compare.ts';
import type { Replay } from './replay.ts';
import { numberOf, textOf } from './texts.ts';

/** What a function is asked: a text, a duration, two doubles, or a list. */
interface Asked {
  readonly s: string;
  readonly d: ReturnType<typeof nanos>;
  readonly x: number;
  readonly y: number;
  readonly n: readonly number[];
}

const integer = (value: number | bigint): Json => value.toString();

/** The answer of a parser as it is recorded: the value even beside an error. */
function parsed<T>(result: Result<T, NumError<T>>, name: string, print: (value: T) => Json): JsonObject {
  return result.ok
    ? { ok: true, [name]: print(result.value) }
    : { [name]: print(result.error.nearest), err: result.error.text };
}

function parsedDuration(text: string): JsonObject {
  const result = parseDuration(text);
  return result.ok ? { ok: true, i: integer(result.value) } : { i: '0', err: result.error };
}

const FUNCTIONS: Readonly<Record<string, (asked: Asked) => JsonObject>> = {
  parseDuration: ({ s }) => parsedDuration(s),
  parseFloat: ({ s }) => parsed(parseFloat64(s), 'f', recordedNumber),
  parseInt32: ({ s }) => parsed(parseInt32(s), 'i', integer),
  atoi: ({ s }) => parsed(atoi(s), 'i', integer),
  parseBool: ({ s }) => parsed(parseBool(s), 'b', (value) => value),
  trimSpace: ({ s }) => ({ s: trimSpace(s) }),
  durationString: ({ d }) => ({ s: printDuration(d) }),
  roundToSecond: ({ d }) => ({ i: integer(roundToSecond(d)) }),
  'fmt%v': ({ x }) => ({ s: formatG(x) }),
  'fmt%g': ({ x }) => ({ s: formatG(x) }),
  'fmt%f': ({ x }) => ({ s: formatF(x) }),
  round: ({ x }) => ({ f: recordedNumber(round(x)) }),
  toInt32: ({ x }) => ({ i: integer(toInt32(x)) }),
  min: ({ x, y }) => ({ f: recordedNumber(min(x, y)) }),
  max: ({ x, y }) => ({ f: recordedNumber(max(x, y)) }),
  pow: ({ x, y }) => ({ f: recordedNumber(pow(x, y)) }),
  smoothingCoeff: ({ n }) => ({ fs: n.map(smoothingCoefficient) }),
};

const askedOf = (input: JsonObject): Asked => ({
  s: textOf(input['s']),
  d: nanos(BigInt(textOf(input['d']) || '0')),
  x: numberOf(input['x']),
  y: numberOf(input['y']),
  n: Array.isArray(input['n']) ? (input['n'] as readonly Json[]).map(numberOf) : [],
});

/** What shows through of Go's standard library. */
export const GOSTD_REPLAY: Replay = {
  knows: (head) => head['kind'] === 'gostd',
  run: ({ in: input, out }) => {
    const asked = isJsonObject(input) ? input : {};
    const expected = isJsonObject(out) ? out : {};
    const answer = FUNCTIONS[textOf(asked['fn'])];
    return answer === undefined
      ? { is: 'different', expected, actual: 'no such function' }
      : compared(expected, answer(askedOf(asked)));
  },
};
