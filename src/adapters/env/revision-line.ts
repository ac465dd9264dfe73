import { parseKey, type Key } from '../../domain/key.ts';
import { err, ok, type Result } from '../../domain/result.ts';
import type { Line } from './terminal.ts';

/** What a command about one revision is asked. */
export interface RevisionLine {
  readonly key: Key;
  readonly output: 'text' | 'json';
  /** As it was written. */
  readonly url: string | undefined;
}

/** Reads `NAMESPACE/REVISION`, `--output` and `--url`. The error is what is wrong, without a full stop. */
export function revisionLine({ arguments: [revision = ''], options }: Line): Result<RevisionLine, string> {
  const key = parseKey(revision);
  if (key === undefined)
    return err(
      `expected NAMESPACE/REVISION, for example default/hello-00001, and not ${JSON.stringify(revision)}`,
    );
  const { output = 'text', url } = options;
  if (output !== 'text' && output !== 'json')
    return err(`--output ${JSON.stringify(output)}: must be text or json`);
  return ok({ key, output, url: typeof url === 'string' ? url : undefined });
}
