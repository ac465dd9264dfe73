import { keyOf } from '../../../domain/key.ts';
import { KNATIVES_ACTIVATOR, OUR_ACTIVATOR } from '../../../domain/k8s/knative-services.ts';
import { readyAddresses, type Address, type Endpoints } from '../../../domain/k8s/read/endpoints.ts';
import type { Pod } from '../../../domain/k8s/read/workload.ts';
import type { Activators } from '../../../domain/zero/seen.ts';
import type { Cache } from '../observe.ts';

/** Who holds requests now, by the Endpoints of the system namespace. */
export function activatorsIn(
  endpoints: Cache<Endpoints>,
  {
    systemNamespace,
    ...heard
  }: { readonly systemNamespace: string } & Pick<Activators, 'heard' | 'knativesHeard'>,
): Activators {
  const ours = endpoints.get(keyOf(systemNamespace, OUR_ACTIVATOR));
  return {
    installed: ours?.subsets.some((one) => one.addresses.length + one.notReadyAddresses.length > 0) === true,
    ours: readyAddresses(ours),
    knatives: knativesIn(endpoints, systemNamespace),
    ...heard,
  };
}

/** Those of Knative that are ready. */
export const knativesIn = (endpoints: Cache<Endpoints>, systemNamespace: string): readonly Address[] =>
  readyAddresses(endpoints.get(keyOf(systemNamespace, KNATIVES_ACTIVATOR)));

/** Addresses of all activators of ours that may hold requests: one that leaves takes no part in the Endpoints, and ends what it has begun. */
export function holdersIn({ ours }: Activators, pods: Iterable<Pod>): readonly string[] {
  const running = [...pods].filter(({ status }) => status.phase === 'Running' && status.podIP !== '');
  return [...new Set([...ours.map(({ ip }) => ip), ...running.map(({ status }) => status.podIP)])];
}

/** Whether a change of Endpoints of the system namespace is one of who holds requests. */
export const isOfActivators = (name: string): boolean =>
  name === OUR_ACTIVATOR || name === KNATIVES_ACTIVATOR;
