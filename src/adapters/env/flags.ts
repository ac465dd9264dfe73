import type { Command } from 'commander';
import { BOOT, type BootSetting } from '../../domain/config/boot.ts';
import { nearest } from '../../domain/nearest.ts';

export interface Flag {
  /** `--http-port <port>` */
  readonly syntax: string;
  readonly doc: string;
  /** The words that it takes, for the completion of shells; what else is given is refused by who reads it. */
  readonly values?: readonly string[];
}

/** Where a command takes its settings from. */
export interface FlagSource {
  /** Whether environment variables count, or flags alone. */
  readonly environment: boolean;
  /** What counts in the place of a setting's own default. */
  readonly defaults: Readonly<Partial<Record<BootSetting, string>>>;
  /** What happens without an optional setting, where this differs from what the setting itself says. */
  readonly otherwise?: Readonly<Partial<Record<BootSetting, string>>>;
}

interface Row {
  readonly env?: string;
  readonly flag?: string;
  readonly placeholder?: string;
  readonly default?: string;
  readonly otherwise?: string;
  readonly doc: string;
}

/** The flags of these settings, as the command line declares them; settings that only the environment can give have none. */
export function bootFlags(settings: readonly BootSetting[], from: FlagSource): readonly Flag[] {
  return settings.flatMap((name) => {
    const row: Row = BOOT[name];
    if (row.flag === undefined) return [];
    const standard = from.otherwise?.[name] ?? from.defaults[name] ?? row.default ?? row.otherwise;
    const origins = [
      ...(standard === undefined ? [] : [`default ${standard}`]),
      ...(from.environment && row.env !== undefined ? [`or ${row.env}`] : []),
    ];
    const doc = origins.length === 0 ? row.doc : `${row.doc} (${origins.join(', ')})`;
    return [{ syntax: `${row.flag} <${row.placeholder ?? 'value'}>`, doc }];
  });
}

/** One sentence for each argument that the command does not know, and for each of `taken` that is missing. Commander would stop at the first. */
export function unknownArguments(command: Command, taken: readonly string[] = []): readonly string[] {
  const known = command.options.map((option) => option.long ?? '');
  const words = command.args.filter((argument) => !argument.startsWith('-'));
  const missing = taken.slice(words.length).map((name) => `expected ${name}`);
  const wrong = command.args.filter((argument) => !words.slice(0, taken.length).includes(argument));
  return [...missing, ...wrong.map((argument) => whyUnknown(argument, known))];
}

function whyUnknown(argument: string, known: readonly string[]): string {
  if (!argument.startsWith('-')) return `unexpected argument ${JSON.stringify(argument)}`;
  const [flag = ''] = argument.split('=');
  const near = nearest(flag, known);
  return `unknown option ${flag}${near === undefined ? '' : `; did you mean ${near}?`}`;
}
