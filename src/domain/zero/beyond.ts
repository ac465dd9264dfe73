import { childName } from '../k8s/child-name.ts';
import { keyOfMeta } from '../k8s/meta.ts';
import { MOST_ADDRESSES } from '../k8s/subsets.ts';
import type { EndpointSlice } from '../k8s/read/endpoint-slice.ts';
import type { Address, Endpoints } from '../k8s/read/endpoints.ts';
import { isServing, type Pod } from '../k8s/read/workload.ts';
import { endpointSlice, type SliceContent } from '../k8s/write/endpoint-slice.ts';
import type { Step, World } from '../plan/world.ts';

/**
 * Pods that serve and that the Endpoints of the private Service have no room for: Kubernetes puts 1,000 there and leaves out the rest
 * (kubernetes: pkg/controller/endpoint). None while there is room, however late the Endpoints are.
 */
export function podsBeyond(endpoints: Endpoints | undefined, pods: Iterable<Pod>): readonly Address[] {
  const listed = (endpoints?.subsets ?? []).flatMap((one) => [...one.addresses, ...one.notReadyAddresses]);
  if (listed.length < MOST_ADDRESSES) return [];
  const known = new Set(listed.map(({ ip }) => ip));
  return [...pods]
    .filter((pod) => isServing(pod) && pod.status.podIP !== '' && !known.has(pod.status.podIP))
    .map(({ metadata: { name, namespace, uid }, status }) => ({
      ip: status.podIP,
      targetRef: { kind: 'Pod', name, namespace, uid },
    }));
}

/** As many as Kubernetes puts into a slice of its own: a pod that comes or goes costs writing so many anew. */
const IN_A_SLICE = 100;

const familyOf = ({ ip }: Address): SliceContent['addressType'] => (ip.includes(':') ? 'IPv6' : 'IPv4');

/** What has to happen to slices of ours: those to write before Endpoints change, and those to remove after. */
export interface SliceSteps {
  readonly before: readonly Step[];
  readonly after: readonly Step[];
}

/** Makes slices of ours hold these addresses and no others. An address stays in the slice that it is in, so that most slices stay as they are. */
export function keepSlices({ pa, services }: World, wanted: readonly Address[]): SliceSteps {
  const contents = placed(pa.metadata.name, services.slices, wanted);
  const before = new Map(services.slices.map((slice) => [slice.metadata.name, slice]));
  const full = contents.filter(({ addresses }) => addresses.length > 0);
  const kept = new Set(full.map(({ name }) => name));
  return {
    before: full
      .filter((content) => !holds(before.get(content.name), content))
      .map((content) => ({ do: 'apply', kind: 'EndpointSlice', object: endpointSlice(pa, content) })),
    after: services.slices.filter(({ metadata }) => !kept.has(metadata.name)).flatMap(removal),
  };
}

function holds(slice: EndpointSlice | undefined, { addresses }: SliceContent): boolean {
  if (slice === undefined || slice.endpoints.length !== addresses.length) return false;
  const held = new Set(slice.endpoints);
  return addresses.every(({ ip }) => held.has(ip));
}

function removal({ metadata }: EndpointSlice): readonly Step[] {
  if (metadata.deletionTimestamp !== undefined) return [];
  const { uid, resourceVersion } = metadata;
  const expected = { uid, resourceVersion, propagation: 'Background' } as const;
  return [{ do: 'remove', kind: 'EndpointSlice', key: keyOfMeta(metadata), expected }];
}

interface Filling {
  readonly name: string;
  readonly addressType: SliceContent['addressType'];
  readonly addresses: Address[];
}

function placed(
  revision: string,
  slices: readonly EndpointSlice[],
  wanted: readonly Address[],
): readonly SliceContent[] {
  const left = new Map(wanted.map((address) => [address.ip, address]));
  const fillings = slices
    .filter(({ metadata }) => metadata.deletionTimestamp === undefined)
    .map(({ metadata: { name }, addressType, endpoints }): Filling => {
      const addresses = endpoints.flatMap((ip) => left.get(ip) ?? []);
      for (const { ip } of addresses) left.delete(ip);
      return { name, addressType: addressType === 'IPv6' ? 'IPv6' : 'IPv4', addresses };
    });
  const names = new Set(slices.map(({ metadata }) => metadata.name));
  for (const address of left.values())
    roomFor(address, fillings, () => freeName(revision, names)).push(address);
  return fillings;
}

function roomFor(address: Address, fillings: Filling[], name: () => string): Address[] {
  const addressType = familyOf(address);
  const found = fillings.find((one) => one.addressType === addressType && one.addresses.length < IN_A_SLICE);
  if (found !== undefined) return found.addresses;
  const made: Filling = { name: name(), addressType, addresses: [] };
  fillings.push(made);
  return made.addresses;
}

/** Unlike the names that Kubernetes makes up for slices that it mirrors. */
function freeName(revision: string, names: Set<string>): string {
  for (let number = 0; ; number += 1) {
    const name = childName(revision, `-beyond-${number}`);
    if (names.has(name)) continue;
    names.add(name);
    return name;
  }
}
