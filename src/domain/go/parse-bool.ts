import { err, ok, type Result } from '../result.ts';
import { invalidSyntax, type NumError } from './num-error.ts';

const TRUE: readonly string[] = ['1', 't', 'T', 'TRUE', 'true', 'True'];
const FALSE: readonly string[] = ['0', 'f', 'F', 'FALSE', 'false', 'False'];

/** Go's `strconv.ParseBool`. */
export function parseBool(text: string): Result<boolean, NumError<boolean>> {
  if (TRUE.includes(text)) return ok(true);
  return FALSE.includes(text) ? ok(false) : err(invalidSyntax('ParseBool', text, false));
}
