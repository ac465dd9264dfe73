import { quote } from './quote.ts';

/** Why Go's strconv refuses a text, in its own words, and the value that it returns beside the error. */
export interface NumError<T> {
  readonly text: string;
  readonly because: 'syntax' | 'range';
  /** Zero for bad syntax; the limit that was crossed for a value out of range. */
  readonly nearest: T;
}

type Parser = 'ParseInt' | 'ParseFloat' | 'ParseBool' | 'Atoi';

export const invalidSyntax = <T>(parser: Parser, text: string, nearest: T): NumError<T> => ({
  text: `strconv.${parser}: parsing ${quote(text)}: invalid syntax`,
  because: 'syntax',
  nearest,
});

export const outOfRange = <T>(parser: Parser, text: string, nearest: T): NumError<T> => ({
  text: `strconv.${parser}: parsing ${quote(text)}: value out of range`,
  because: 'range',
  nearest,
});
