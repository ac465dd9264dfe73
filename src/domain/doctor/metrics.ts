import { claimSentence } from '../external-metrics/claim.ts';
import { isNumber } from '../prometheus/answer.ts';
import type { PrometheusFault } from '../prometheus/faults.ts';
import { seconds, since } from '../time.ts';
import { both } from '../either.ts';
import type { Facts, ServerSeen } from './facts.ts';
import { isAnswer, outcomesText } from './outcomes.ts';
import { fail, fine, unseen, warn, type Finding } from './finding.ts';

export function judgeKeda({ served, kedaOperators }: Facts): readonly Finding[] {
  if (!served.ok) return [unseen('Whether KEDA is there', served.error)];
  if (!served.value.has('ScaledObject'))
    return [fine('KEDA is not installed: hpa-bridge makes HPAs and answers them itself.')];
  if (!kedaOperators.ok) return [unseen('The Deployment of KEDA', kedaOperators.error)];
  const [operator] = kedaOperators.value;
  if (operator === undefined)
    return [
      warn(
        'ScaledObjects are served, and no Deployment of KEDA (app.kubernetes.io/name=keda-operator) was found.',
        'Look whether KEDA runs: its CustomResourceDefinitions alone scale nothing. "backend: hpa" in config-hpa-bridge does without it.',
      ),
    ];
  const version = operator.version === '' ? '' : ` ${operator.version}`;
  return operator.replicas === 0
    ? [fail(`KEDA${version} is scaled to 0: ScaledObjects scale nothing.`, 'Scale its Deployment up.')]
    : [fine(`KEDA${version} is installed.`)];
}

export function judgeExternalMetrics({ apiService, served }: Facts): readonly Finding[] {
  if (!apiService.ok) return [unseen('Who serves external metrics', apiService.error)];
  const { claim, available } = apiService.value;
  const says = claimSentence(claim);
  if (claim.state === 'ours')
    return available?.status === 'True'
      ? [fine(says)]
      : [
          fail(
            `${says} The API server does not reach it: ${available?.message ?? 'it says nothing of it yet.'}`,
            'Look at the Service and its endpoints, and whether a NetworkPolicy lets the API server in.',
          ),
        ];
  // Whoever has KEDA is scaled by it, and its HPAs ask whoever it has installed for them.
  if (served.ok && served.value.has('ScaledObject')) return [fine(says)];
  return [
    warn(
      says,
      claim.state === 'foreign'
        ? 'Revisions that scale by a query get no value. Remove the APIService, or use KEDA.'
        : 'Set external-metrics to auto in config-hpa-bridge and --external-metrics-port; see docs/external-metrics.md.',
    ),
  ];
}

/** So much may a clock differ, and an answer take. */
const SKEW = seconds(10);

/** What tells more of the way from here than of the server. */
const FROM_HERE: readonly PrometheusFault[] = [
  'prometheus_dns',
  'prometheus_refused',
  'prometheus_reset',
  'prometheus_timeout',
];

const SEE_FAULTS = 'See the code of the fault in docs/faults.md.';

/** What cannot be reached from here may still answer hpa-bridge, which says what it was answered. */
function judgeFromThere(says: string, { outcomes }: ServerSeen): Finding {
  const told = outcomesText(outcomes);
  if (told.length === 0) return warn(`${says} hpa-bridge has not asked it either.`, FROM_INSIDE);
  const all = `${says} hpa-bridge was told since it started: ${both(told)}.`;
  return Object.keys(outcomes).some(isAnswer) ? fine(all) : fail(all, SEE_FAULTS);
}

const FROM_INSIDE =
  'It is asked as soon as a revision needs it. If its name is known inside the cluster alone, this is all that can be said.';

const targets = (count: number): string => (count === 1 ? '1 target is' : `${count} targets are`);

export const judgePrometheus = ({ servers }: Facts): readonly Finding[] => servers.map(judgeServer);

function judgeServer(seen: ServerSeen): Finding {
  const { name, address, answer } = seen;
  const { reading, receivedAt, took } = answer;
  // One that is not configured is called by its host.
  const server =
    URL.parse(address)?.host === name ? `Prometheus ${address}` : `Prometheus ${name} (${address})`;
  if (!isNumber(reading))
    return FROM_HERE.includes(reading.is)
      ? judgeFromThere(`${server} does not answer here: ${reading.message}`, seen)
      : fail(`${server}: ${reading.message}`, SEE_FAULTS);
  // The answer was evaluated between question and answer.
  const off = since(receivedAt, reading.at);
  if (off > SKEW || since(reading.at, receivedAt) > SKEW + took)
    return warn(
      `The clock of ${server} is ${Math.round(Math.abs(off) / 1000)} s ${off > 0 ? 'ahead of' : 'behind'} the one here.`,
      'Set both by NTP: evidence counts as old by the clock of hpa-bridge.',
    );
  return reading.number === 0
    ? warn(
        `${server} answers, and no target of it is up.`,
        'Look at its targets, unless it only evaluates what others scrape.',
      )
    : fine(`${server} answers in ${Math.round(took)} ms; ${targets(reading.number)} up.`);
}
