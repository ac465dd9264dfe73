import { both } from '../either.ts';
import { nameOf, namespaceOf, type Key } from '../key.ts';
import type { Facts } from './facts.ts';
import { fail, fine, unseen, warn, type Finding } from './finding.ts';

/** So many names fit into a line. */
const NAMED = 3;

export function judgeActivators(facts: Facts): readonly Finding[] {
  const { activators, systemNamespace } = facts;
  if (!activators.ok) return [unseen(`The activators of hpa-bridge in ${systemNamespace}`, activators.error)];
  const { addresses, asleep } = activators.value;
  if (addresses.length === 0) return [withoutReady(facts, activators.value)];
  const astray = asleep.filter((one) => !one.addresses.some((ip) => addresses.includes(ip)));
  const [first] = astray;
  return [standing(facts, activators.value), ...(first === undefined ? [] : [lost(first.key, astray)])];
}

type Seen = Extract<Facts['activators'], { ok: true }>['value'];

function withoutReady({ systemNamespace }: Facts, { pods, asleep }: Seen): Finding {
  if (pods.length === 0 && asleep.length === 0)
    return warn(
      `No activator of hpa-bridge runs in ${systemNamespace}: no revision goes to zero.`,
      'Apply config/activator.yaml, or set activator.enabled in the chart, unless that is meant.',
    );
  const names = pods.map(({ name }) => name);
  const advice = `kubectl --namespace ${systemNamespace} describe ${names.length === 0 ? 'deployment hpa-bridge-activator' : `pod ${names.join(' ')}`}`;
  return fail(
    asleep.length === 0
      ? 'No activator of hpa-bridge is ready: no revision goes to zero.'
      : `No activator of hpa-bridge is ready: ${revisions(asleep.length)} without pods ${asleep.length === 1 ? 'is' : 'are'} not woken by requests.`,
    advice,
  );
}

function standing({ systemNamespace }: Facts, { pods, addresses, asleep }: Seen): Finding {
  const waiting = pods.filter(({ isReady }) => !isReady).map(({ name }) => name);
  if (waiting.length > 0)
    return warn(
      `Of the activators ${both(waiting)} is not ready.`,
      `kubectl --namespace ${systemNamespace} describe pod ${waiting.join(' ')}`,
    );
  if (addresses.length === 1)
    return warn(
      'One activator of hpa-bridge is ready: while it is replaced, nobody wakes revisions.',
      `kubectl --namespace ${systemNamespace} scale deployment hpa-bridge-activator --replicas 2`,
    );
  return fine(
    `${addresses.length} activators of hpa-bridge are ready; ${asleep.length === 0 ? 'no revision sleeps' : `${revisions(asleep.length)} without pods ${asleep.length === 1 ? 'is' : 'are'} behind them`}.`,
  );
}

function lost(first: Key, astray: Seen['asleep']): Finding {
  const names = astray.slice(0, NAMED).map(({ key }) => key);
  const rest = astray.length - names.length;
  return fail(
    `${both(rest === 0 ? names : [...names, `${rest} more`])} ${astray.length === 1 ? 'has' : 'have'} no pods, and no activator of hpa-bridge stands behind the Service: no request wakes ${astray.length === 1 ? 'it' : 'them'}.`,
    `kubectl --namespace ${namespaceOf(first)} get endpoints ${nameOf(first)}; hpa-bridge writes them within seconds, or says in its log why it does not.`,
  );
}

const revisions = (count: number): string => (count === 1 ? '1 revision' : `${count} revisions`);
