import { parseKey, type Key } from '../../domain/key.ts';
import { err, ok, type Result } from '../../domain/result.ts';
import { outputOf, type Line } from './terminal.ts';

/** What a command about one revision is asked. */
export interface RevisionLine {
  readonly key: Key;
  readonly output: 'text' | 'json';
  /** As it was written. */
  readonly url: string | undefined;
}

/** Reads `NAMESPACE/REVISION`, `--output` and `--url`. The error is what is wrong, without a full stop. */
export function revisionLine(line: Line): Result<RevisionLine, string> {
  const {
    arguments: [revision = ''],
    options,
  } = line;
  const key = parseKey(revision);
  if (key === undefined)
    return err(
      `expected NAMESPACE/REVISION, for example default/hello-00001, and not ${JSON.stringify(revision)}`,
    );
  const output = outputOf(line, ['text', 'json']);
  if (!output.ok) return output;
  return ok({ key, output: output.value, url: urlIn(options) });
}

export const urlIn = ({ url }: Line['options']): string | undefined =>
  typeof url === 'string' ? url : undefined;
