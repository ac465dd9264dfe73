#!/usr/bin/env node
import { Command, CommanderError } from 'commander';
import { readBuild } from './adapters/env/build.ts';
import { readBoot, readBootFromFlags } from './adapters/env/env.ts';
import { bootFlags, unknownArguments, type FlagSource } from './adapters/env/flags.ts';
import { BOOT, type Boot, type BootSetting } from './domain/config/boot.ts';
import { FaultError } from './domain/fault.ts';

type Flags = Readonly<Partial<Record<BootSetting, string>>>;

/** Runs until its signal aborts. Each command imports what it needs when it is chosen, so that the others cost nothing. */
type Run = (boot: Boot, signal: AbortSignal) => Promise<void>;

/** Milliseconds after which a process that was told to stop ends all the same. */
const STOP_WITHIN = 4500;
const USAGE = 2;

const fail = (code: number, sentences: readonly string[]): never => {
  for (const sentence of sentences) process.stderr.write(`hpa-bridge: ${sentence}\n`);
  process.exit(code);
};

/** Aborts at the first SIGTERM or SIGINT; the second, or too slow a stop, ends the process with code 1. */
function stopOnSignal(): AbortSignal {
  const stop = new AbortController();
  const onSignal = (name: NodeJS.Signals): void => {
    if (stop.signal.aborted) fail(1, [`${name} again: ending at once`]);
    stop.abort(new Error(`${name} received`));
    setTimeout(
      () => fail(1, [`still not stopped ${STOP_WITHIN} ms after ${name}: ending at once`]),
      STOP_WITHIN,
    ).unref();
  };
  process.on('SIGTERM', onSignal);
  process.on('SIGINT', onSignal);
  return stop.signal;
}

interface Spec extends FlagSource {
  readonly name: string;
  readonly about: string;
  readonly settings: readonly BootSetting[];
  readonly load: () => Promise<Run>;
}

function command(spec: Spec): Command {
  const made = new Command(spec.name).description(spec.about).allowUnknownOption().allowExcessArguments();
  for (const flag of bootFlags(spec.settings, spec)) made.option(flag.syntax, flag.doc);
  return made.exitOverride().action(async (given: Flags, self: Command) => {
    const flags = { ...spec.defaults, ...given };
    const boot = spec.environment ? readBoot(flags) : readBootFromFlags(flags);
    const problems = [...unknownArguments(self), ...(boot.ok ? [] : boot.error)];
    if (!boot.ok || problems.length > 0)
      return fail(USAGE, [...problems, `see hpa-bridge ${spec.name} --help`]);
    const signal = stopOnSignal();
    try {
      const run = await spec.load();
      await run(boot.value, signal);
    } catch (thrown) {
      // A process that was told to stop ends well, even when the word reached it in the middle of its start.
      if (!signal.aborted || thrown !== signal.reason) return fail(1, [sentenceOf(thrown)]);
    }
    process.exit(0);
  });
}

/** Expected failures are a sentence; a mistake in our code shows where it is. */
function sentenceOf(thrown: unknown): string {
  if (!(thrown instanceof Error)) return String(thrown);
  const expected = thrown instanceof FaultError || thrown.constructor === Error;
  return expected ? thrown.message : (thrown.stack ?? thrown.message);
}

const build = readBuild();
const program = new Command('hpa-bridge')
  .description(
    'Scales Knative services on PromQL queries, cpu and memory, through KEDA or the HorizontalPodAutoscaler.',
  )
  .version(`hpa-bridge ${build.version} (${build.commit})`, '--version', 'print version and commit')
  .helpCommand(false)
  .exitOverride()
  .addCommand(
    command({
      name: 'controller',
      about:
        'Run the controller: keeps ScaledObjects, HPAs and the status of PodAutoscalers as the annotations ask.',
      settings: Object.keys(BOOT) as BootSetting[],
      environment: true,
      defaults: {},
      load: async () => (await import('./processes/controller/wire.ts')).runController,
    }),
  )
  .addCommand(
    command({
      name: 'playground',
      about:
        'Watch the controller work: on an API server in memory with three sample services, or on your cluster with --kubeconfig.',
      settings: ['kubeconfig', 'systemNamespace', 'classes', 'httpPort', 'logLevel'],
      environment: false,
      defaults: { bindAddress: '127.0.0.1', httpPort: '0', logLevel: 'warn', logFormat: 'text' },
      otherwise: { kubeconfig: 'an API server in memory' },
      load: async () => {
        const { runPlayground } = await import('./playground/wire.ts');
        const { runController } = await import('./processes/controller/wire.ts');
        return (boot, signal) => runPlayground(boot, runController, signal);
      },
    }),
  )
  .addHelpText(
    'after',
    '\nFlags win over environment variables. What may change while running is in the ConfigMap config-hpa-bridge.',
  );

try {
  await program.parseAsync();
} catch (thrown) {
  if (!(thrown instanceof CommanderError)) throw thrown;
  // Help and version end well; every other word of commander's is about usage, and it has printed it.
  process.exit(thrown.exitCode === 0 ? 0 : USAGE);
}
