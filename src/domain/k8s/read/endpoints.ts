import { z } from 'zod';
import type { JsonObject } from '../../json.ts';
import { metaView } from '../meta.ts';

/** One address, with whatever else is said of it: it is copied as it is. */
export type Address = JsonObject & { readonly ip: string };
export type EndpointPort = JsonObject & { readonly port: number };

const has = (value: unknown, field: string, type: 'string' | 'number'): boolean =>
  typeof value === 'object' && value !== null && field in value && typeof Reflect.get(value, field) === type;
const addresses = z
  .array(z.custom<Address>((value) => has(value, 'ip', 'string')))
  .nullish()
  .transform((list): readonly Address[] => list ?? []);
const ports = z
  .array(z.custom<EndpointPort>((value) => has(value, 'port', 'number')))
  .nullish()
  .transform((list): readonly EndpointPort[] => list ?? []);

/** Addresses that have the same ports. */
const subset = z.object({ addresses, notReadyAddresses: addresses, ports });
export type Subset = z.output<typeof subset>;

/** What we read of core Endpoints. */
export const endpointsView = z.object({
  metadata: metaView,
  subsets: z
    .array(subset)
    .nullish()
    .transform((list): readonly Subset[] => list ?? []),
});
export type Endpoints = z.output<typeof endpointsView>;

/** The addresses that are ready. */
export const readyAddresses = (endpoints: Pick<Endpoints, 'subsets'> | undefined): readonly Address[] =>
  (endpoints?.subsets ?? []).flatMap((one) => one.addresses);
