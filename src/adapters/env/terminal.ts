import { either } from '../../domain/either.ts';
import { err, ok, type Result } from '../../domain/result.ts';

/** What the command line says beside the settings. */
export interface Line {
  readonly arguments: readonly string[];
  readonly options: Readonly<Record<string, string | boolean | readonly string[] | undefined>>;
}

/** Where is said what came of a command, and why it came to nothing. */
export interface Said {
  readonly out: (text: string) => unknown;
  readonly problem: (text: string) => unknown;
}

export const TERMINAL: Said = {
  out: (text) => process.stdout.write(text),
  problem: (text) => process.stderr.write(text),
};

/** Says in one sentence why a command came to nothing, and returns its exit code. */
export const failing =
  (say: Pick<Said, 'problem'>, code: number) =>
  (sentence: string): number => {
    say.problem(`hpa-bridge: ${sentence}\n`);
    return code;
  };

/** The format that `--output` names, else the first of them. The error is what is wrong, without a full stop. */
export function outputOf<Format extends string>(
  { options }: Pick<Line, 'options'>,
  formats: readonly [Format, ...Format[]],
): Result<Format, string> {
  const { output = formats[0] } = options;
  const format = formats.find((one) => one === output);
  return format === undefined
    ? err(`--output ${JSON.stringify(output)}: must be ${either(formats)}`)
    : ok(format);
}
