import { CHECKS } from '../../src/domain/doctor/checks.ts';
import { SHELLS } from '../../src/domain/completion/shells.ts';
import { code, page, table } from './markdown.ts';

/** docs/commands.md */
export const commandsPage = (): string =>
  page(
    'Commands for operators',
    '`hpa-bridge COMMAND --help` tells every option. In a checkout `hpa-bridge` is `node src/main.ts`. All of them ask the cluster of your kubeconfig with your own rights and change nothing; `lint` asks no cluster.',
    table(
      ['command', 'what it tells'],
      [
        [code('hpa-bridge doctor'), 'what is wrong with the installation, and what to do: below'],
        [code('hpa-bridge top'), 'which revisions scale by what, and how well that is known: below'],
        [
          code('hpa-bridge explain NAMESPACE/REVISION'),
          '[why a revision has the pods that it has](explain.md)',
        ],
        [
          code('hpa-bridge query NAMESPACE/REVISION'),
          '[what Prometheus says to the query of a revision](prometheus.md), asked from where you are',
        ],
        [code('hpa-bridge lint -f FILE'), '[what is wrong with files](lint.md), before they are applied'],
        [code('hpa-bridge completion SHELL'), 'a script for the shell: below'],
      ],
    ),
    '## doctor',
    'A line for each finding: `ok`; `warn`, something that some need does not work, will not soon, or could not be looked at; `fail`, hpa-bridge does not do its work. Behind `->` stands what to do. The exit code is 1 where something fails, 2 for a mistake in the command line, else 0. `-o json` is for programs. Where flags or variables of the Deployment depart from the defaults, give doctor the same flags (`--system-namespace`, `--classes`, `--leader-buckets`); the names of Services and Secrets it reads from the environment of the pods.',
    [
      '```',
      'ok    replicas          2 pods of hpa-bridge are ready.',
      'fail  leases            autoscaler-hpa-7d9f_1 holds the lease hpaautoscaler...00-of-01: autoscaler-hpa works, and hpa-bridge waits. -> kubectl --namespace knative-serving scale deployment autoscaler-hpa --replicas 0',
      'ok    prometheus        Prometheus default (http://prometheus-operated.monitoring.svc:9090) answers in 23 ms; 41 targets are up.',
      '```',
    ].join('\n'),
    table(
      ['check', 'what is looked at'],
      Object.entries(CHECKS).map(([name, { doc }]) => [code(name), doc]),
    ),
    'Prometheus is asked from where you are. Where it cannot be reached from there, what hpa-bridge itself was answered counts, as its replicas tell it on `/metrics` (`hpa_bridge_prometheus_requests_total`), which are asked through the API server (`get` of `pods/proxy`). The rights of hpa-bridge are asked of the API server with a SubjectAccessReview for each, which needs the right to create them.',
    '## top',
    [
      '```',
      'NAMESPACE   REVISION     SIGNAL        VALUE/TARGET   DESIRED/READY   RUNG          AGE',
      'team        shop-00001   query         47.2/10        5/4             fresh         3.4 s',
      'team        api-00007    concurrency   12/70          1/1             concurrency   0.6 s',
      '```',
    ].join('\n'),
    'It asks all replicas for [their decisions](decision-record.md) through the API server (`get` of `pods/proxy`), or one of them at `--url`, and tells of each revision what the leader for it says. VALUE is all that was measured, TARGET what one pod is to carry (`in all`: the target is not for one pod); AGE is that of the evidence, RUNG [how good it is](prometheus.md#when-the-truth-is-not-available). `-n NAMESPACE`, `--watch` (every 2 s), `-o wide` (with the replicas that are told to be, the fault and the sentence of the decision), `-o json` (a document a line). Revisions that hpa-bridge does not decide about (cpu, memory, queries that KEDA asks itself) are not in it.',
    '## With kubectl',
    'kubectl runs as a plugin whatever is called `kubectl-hpa_bridge` on the PATH, and takes both `kubectl hpa-bridge` and `kubectl hpa_bridge` for it. The bundle needs Node.js 26 or newer as `node`.',
    [
      '```sh',
      'npm run build',
      'ln -s "$PWD/dist/hpa-bridge.mjs" ~/.local/bin/kubectl-hpa_bridge',
      'kubectl hpa-bridge doctor',
      '```',
    ].join('\n'),
    'For [Krew](https://krew.sigs.k8s.io), `npm run krew -- URL` packs it and writes the manifest: the archive goes to that URL, and `kubectl krew install --manifest dist/krew/hpa-bridge.yaml` takes it from there.',
    '## In a shell',
    `${Object.keys(SHELLS).map(code).join(', ')}:`,
    [
      '```sh',
      'source <(hpa-bridge completion bash)     # ~/.bashrc',
      'source <(hpa-bridge completion zsh)      # ~/.zshrc, after compinit',
      'hpa-bridge completion fish | source      # ~/.config/fish/config.fish',
      '```',
    ].join('\n'),
  );
