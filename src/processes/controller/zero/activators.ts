import { keyOf } from '../../../domain/key.ts';
import { KNATIVES_ACTIVATOR, OUR_ACTIVATOR } from '../../../domain/k8s/knative-services.ts';
import { readyAddresses, type Endpoints } from '../../../domain/k8s/read/endpoints.ts';
import type { Activators } from '../../../domain/zero/seen.ts';
import type { Cache } from '../observe.ts';

/** Who holds requests now, by the Endpoints of the system namespace. */
export function activatorsIn(
  endpoints: Cache<Endpoints>,
  { systemNamespace, heard }: { readonly systemNamespace: string; readonly heard: boolean },
): Activators {
  const ours = endpoints.get(keyOf(systemNamespace, OUR_ACTIVATOR));
  return {
    installed: ours?.subsets.some((one) => one.addresses.length + one.notReadyAddresses.length > 0) === true,
    ours: readyAddresses(ours),
    knatives: readyAddresses(endpoints.get(keyOf(systemNamespace, KNATIVES_ACTIVATOR))),
    heard,
  };
}

/** Whether a change of Endpoints of the system namespace is one of who holds requests. */
export const isOfActivators = (name: string): boolean =>
  name === OUR_ACTIVATOR || name === KNATIVES_ACTIVATOR;
