import { hash } from 'node:crypto';
import { backendOf, HTTPS } from './knative-services.ts';
import type { Json, JsonObject } from '../json.ts';
import type { Address, EndpointPort, Subset } from './read/endpoints.ts';

/** Addresses that one Endpoints object holds, and that Kubernetes takes over into its EndpointSlices. */
export const MOST_ADDRESSES = 1000;

/** The pods of the private Service with those of their ports that requests come through (serving: pkg/reconciler/serverlessservice/resources). */
export function podSubsets(subsets: readonly Subset[], protocolType: string): readonly Subset[] {
  const { target } = backendOf(protocolType);
  return subsets.map((subset) => ({
    ...subset,
    ports: subset.ports.filter(({ port }) => port === target || port === HTTPS.target),
  }));
}

/** The same ports at activators. They are named as those of the public Service. */
export function activatorSubsets(addresses: readonly Address[], protocolType: string): readonly Subset[] {
  const { name, target } = backendOf(protocolType);
  const ports: readonly EndpointPort[] = [
    { name, port: target, protocol: 'TCP' },
    { name: HTTPS.name, port: HTTPS.target, protocol: 'TCP' },
  ];
  return addresses.length === 0 ? [] : [{ addresses, notReadyAddresses: [], ports }];
}

/**
 * So many of the addresses, the same ones for a revision for as long as they are there: each revision ranks them by a hash (rendezvous
 * hashing), so that one that comes or goes concerns only the revisions that have it. Sorted, so that equal choices are written equally.
 */
export function chosenFor(
  revision: string,
  addresses: readonly Address[],
  count: number,
): readonly Address[] {
  const most = Math.max(1, Math.min(count, MOST_ADDRESSES));
  const byIp = (list: readonly Address[]): readonly Address[] =>
    list.toSorted((a, b) => (a.ip < b.ip ? -1 : a.ip > b.ip ? 1 : 0));
  if (addresses.length <= most) return byIp(addresses);
  const ranked = addresses
    .map((address) => ({ address, rank: hash('sha1', `${revision} ${address.ip}`) }))
    .toSorted((a, b) => (a.rank < b.rank ? -1 : 1));
  return byIp(ranked.slice(0, most).map(({ address }) => address));
}

/** True when both say the same. The API server keeps an order of its own. */
export const sameSubsets = (a: readonly Subset[], b: readonly Subset[]): boolean =>
  canonical(a) === canonical(b);

const sortedText = (items: readonly JsonObject[]): string => items.map(textOf).sort().join('|');

const textOf = (value: JsonObject): string => JSON.stringify(sortedFields(value));

function sortedFields(value: Json): Json {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(
    Object.entries(value as JsonObject)
      .filter(([, item]) => item !== undefined)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([field, item]) => [field, sortedFields(item ?? null)]),
  );
}

const canonical = (subsets: readonly Subset[]): string =>
  subsets
    .map(({ addresses, notReadyAddresses, ports }) =>
      [addresses, notReadyAddresses, ports].map(sortedText).join('\n'),
    )
    .sort()
    .join('\n\n');
