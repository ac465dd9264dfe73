#!/usr/bin/env node
import { Command, CommanderError } from 'commander';
import { readBuild } from './adapters/env/build.ts';
import { command, STOP_WITHIN, USAGE, type Spec } from './adapters/env/command.ts';
import type { Flag } from './adapters/env/flags.ts';
import { SETTINGS_OF } from './domain/config/boot-commands.ts';
import { either } from './domain/either.ts';
import { ms } from './domain/time.ts';

const handOver = (name: string, to: 'bridge' | 'knative', about: string): Spec => ({
  name,
  about,
  arguments: ['[REVISION...]'],
  options: [
    {
      syntax: '--namespace <name>',
      doc: 'where the revisions are (default default; all namespaces with --all)',
    },
    { syntax: '--all', doc: 'every revision of our classes' },
    { syntax: '--dry-run', doc: 'say what would be asked for, and ask for nothing' },
  ],
  settings: ['kubeconfig', 'classes'],
  environment: false,
  defaults: { logLevel: 'off' },
  load: async () => (await import('./processes/hand-over/wire.ts')).runHandOver(to),
});

const outputFlag = (values: readonly [string, ...string[]]): Flag => ({
  syntax: '-o, --output <format>',
  doc: `${either(values)} (default ${values[0]})`,
  values,
});

const build = readBuild();
const program: Command = new Command('hpa-bridge')
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
      settings: SETTINGS_OF.controller,
      environment: true,
      defaults: {},
      load: async () => (await import('./processes/controller/wire.ts')).runController,
    }),
  )
  .addCommand(
    command({
      name: 'activator',
      about:
        'Run the activator: takes requests for revisions without pods, wakes these, and hands the requests on when a pod answers.',
      settings: SETTINGS_OF.activator,
      environment: true,
      defaults: {},
      // Whoever sends requests hears late that we leave, and those that have come may take as long as their revision allows.
      stopWithin: ({ lameDuck, drainTimeout }) => ms(lameDuck + drainTimeout + STOP_WITHIN),
      load: async () => (await import('./processes/activator/wire.ts')).runActivator,
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
  .addCommand(
    command({
      name: 'query',
      about:
        'Ask Prometheus what a revision scales by, exactly as the controller does, and say what the answer means.',
      arguments: ['NAMESPACE/REVISION'],
      options: [
        {
          syntax: '--url <url>',
          doc: 'Prometheus to ask instead of the configured one, for example http://127.0.0.1:9090',
        },
        outputFlag(['text', 'json']),
      ],
      settings: ['kubeconfig', 'systemNamespace'],
      environment: false,
      defaults: { logLevel: 'off' },
      load: async () => (await import('./processes/query/wire.ts')).runQuery,
    }),
  )
  .addCommand(
    command({
      name: 'explain',
      about:
        'Say why a revision has the pods that it has: what was measured, the arithmetic, each limit, the history.',
      arguments: ['NAMESPACE/REVISION'],
      options: [
        { syntax: '--watch', doc: 'go on, and tell each new decision' },
        outputFlag(['text', 'json']),
        {
          syntax: '--url <url>',
          doc: 'hpa-bridge to ask instead of the one in the cluster, for example http://127.0.0.1:8080',
        },
      ],
      settings: ['kubeconfig', 'systemNamespace', 'classes'],
      environment: false,
      defaults: { logLevel: 'off' },
      load: async () => (await import('./processes/explain/wire.ts')).runExplain,
    }),
  )
  .addCommand(
    command(
      handOver(
        'adopt',
        'bridge',
        'Let hpa-bridge keep the Services of revisions that a ServerlessService keeps, so that they may go to zero.',
      ),
    ),
  )
  .addCommand(
    command(
      handOver(
        'handback',
        'knative',
        'Let a ServerlessService keep the Services of revisions that hpa-bridge keeps, as autoscaler-hpa needs it.',
      ),
    ),
  )
  .addCommand(
    command({
      name: 'top',
      about:
        'List the revisions that hpa-bridge decides about: what they scale by, value and target, pods, and how good and how old the evidence is.',
      options: [
        { syntax: '-n, --namespace <name>', doc: 'those of one namespace (default all)' },
        { syntax: '--watch', doc: 'go on, every 2 s' },
        outputFlag(['text', 'wide', 'json']),
        {
          syntax: '--url <url>',
          doc: 'hpa-bridge to ask instead of the one in the cluster, for example http://127.0.0.1:8080',
        },
      ],
      settings: ['kubeconfig', 'systemNamespace'],
      environment: false,
      defaults: { logLevel: 'off' },
      load: async () => (await import('./processes/explain/wire.ts')).runTop,
    }),
  )
  .addCommand(
    command({
      name: 'doctor',
      about:
        'Say what is wrong with an installation, and what to do about it: versions, leases, rights, ConfigMaps, external metrics, certificate, Prometheus.',
      options: [outputFlag(['text', 'json'])],
      settings: [
        'kubeconfig',
        'systemNamespace',
        'classes',
        'leaderBuckets',
        'externalMetricsService',
        'externalMetricsSecret',
      ],
      environment: false,
      defaults: { logLevel: 'off' },
      load: async () => (await import('./processes/doctor/wire.ts')).runDoctor,
    }),
  )
  .addCommand(
    command({
      name: 'lint',
      about:
        'Say what is wrong with the annotations of Services, Configurations and Revisions in files, and with ConfigMaps of hpa-bridge beside them, without a cluster.',
      options: [
        {
          syntax: '-f, --filename <file...>',
          doc: 'files or folders with YAML or JSON; - is standard input',
        },
        outputFlag(['text', 'json', 'github']),
        {
          syntax: '--backend <backend>',
          values: ['keda', 'hpa'],
          doc: 'who scales in the cluster that they are meant for, keda or hpa (default: what is wrong for both of them is said)',
        },
      ],
      settings: ['classes'],
      environment: false,
      defaults: { logLevel: 'off' },
      load: async () => (await import('./processes/lint/wire.ts')).runLint,
    }),
  )
  .addCommand(
    command({
      name: 'completion',
      about: 'Print a script that completes this command line in a shell: bash, zsh or fish.',
      arguments: ['SHELL'],
      settings: [],
      environment: false,
      defaults: {},
      load: async () => {
        const { completion } = await import('./adapters/env/completion.ts');
        return (_boot, _signal, line) => Promise.resolve(completion(program, line));
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
