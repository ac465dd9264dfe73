import { Command, Option } from 'commander';
import type { Boot, BootSetting } from '../../domain/config/boot.ts';
import { FaultError } from '../../domain/fault.ts';
import { ms, type Ms } from '../../domain/time.ts';
import { readBoot, readBootFromFlags } from './env.ts';
import { bootFlags, unknownArguments, type Flag, type FlagSource } from './flags.ts';
import type { Line } from './terminal.ts';

type Flags = Readonly<Partial<Record<BootSetting, string>>>;

/** Runs until its signal aborts or its work is done; a number is the exit code. Each command imports what it needs when it is chosen, so that the others cost nothing. */
export type Run = (boot: Boot, signal: AbortSignal, line: Line) => Promise<unknown>;

/** Within which a process that was told to stop ends all the same. */
export const STOP_WITHIN = ms(4500);
/** The exit code of a wrong usage. */
export const USAGE = 2;

const fail = (code: number, sentences: readonly string[]): never => {
  for (const sentence of sentences) process.stderr.write(`hpa-bridge: ${sentence}\n`);
  process.exit(code);
};

/** Aborts at the first SIGTERM or SIGINT; the second, or too slow a stop, ends the process with code 1. */
function stopOnSignal(within: Ms): AbortSignal {
  const stop = new AbortController();
  const onSignal = (name: NodeJS.Signals): void => {
    if (stop.signal.aborted) fail(1, [`${name} again: ending at once`]);
    stop.abort(new Error(`${name} received`));
    setTimeout(
      () => fail(1, [`still not stopped ${within} ms after ${name}: ending at once`]),
      within,
    ).unref();
  };
  process.on('SIGTERM', onSignal);
  process.on('SIGINT', onSignal);
  return stop.signal;
}

/** A command, as it is told to people and run. */
export interface Spec extends FlagSource {
  readonly name: string;
  readonly about: string;
  readonly settings: readonly BootSetting[];
  /** The arguments that it takes, as `--help` shows them. The last one may be there any number of times if it ends with `...]`. */
  readonly arguments?: readonly string[];
  /** Options that are no settings. */
  readonly options?: readonly Flag[];
  /** How long a stop may take; 4.5 s where it is not said. */
  readonly stopWithin?: (boot: Boot) => Ms;
  readonly load: () => Promise<Run>;
}

/** Reads what the command is given, runs it until it ends or is told to stop, and ends the process with its code. */
export function command(spec: Spec): Command {
  const made = new Command(spec.name).description(spec.about).allowUnknownOption().allowExcessArguments();
  if (spec.arguments !== undefined) made.usage(`${spec.arguments.join(' ')} [options]`);
  for (const flag of [...(spec.options ?? []), ...bootFlags(spec.settings, spec)])
    made.addOption(optionOf(flag));
  return made.exitOverride().action(async (given: Flags, self: Command) => {
    const flags = { ...spec.defaults, ...given };
    const boot = spec.environment ? readBoot(flags) : readBootFromFlags(flags);
    const problems = [...unknownArguments(self, takenBy(spec, self.args)), ...(boot.ok ? [] : boot.error)];
    if (!boot.ok || problems.length > 0)
      return fail(USAGE, [...problems, `see hpa-bridge ${spec.name} --help`]);
    const signal = stopOnSignal(spec.stopWithin?.(boot.value) ?? STOP_WITHIN);
    let code = 0;
    try {
      const run = await spec.load();
      const came = await run(boot.value, signal, { arguments: self.args, options: self.opts() });
      if (typeof came === 'number') code = came;
    } catch (thrown) {
      // A process that was told to stop ends well, even when the word reached it in the middle of its start.
      if (!signal.aborted || thrown !== signal.reason) return fail(1, [sentenceOf(thrown)]);
    }
    process.exit(code);
  });
}

/** The arguments that a command takes, of those that are there. */
const takenBy = ({ arguments: taken = [] }: Spec, given: readonly string[]): readonly string[] =>
  taken.at(-1)?.endsWith('...]') === true ? given.filter((word) => !word.startsWith('-')) : taken;

/** Its words are for completion alone: who reads the option says more about a wrong one than commander. */
function optionOf({ syntax, doc, values }: Flag): Option {
  const option = new Option(syntax, doc);
  if (values !== undefined) option.argChoices = [...values];
  return option;
}

/** Expected failures are a sentence; a mistake in our code shows where it is. */
function sentenceOf(thrown: unknown): string {
  if (!(thrown instanceof Error)) return String(thrown);
  const expected = thrown instanceof FaultError || thrown.constructor === Error;
  return expected ? thrown.message : (thrown.stack ?? thrown.message);
}
