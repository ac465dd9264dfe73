import { z } from 'zod';
import { metaView } from '../meta.ts';

const endpointAddress = z.object({ ip: z.string() });
const list = <T extends z.ZodType>(item: T): z.ZodType<readonly z.output<T>[]> =>
  z
    .array(item)
    .nullish()
    .transform((given) => given ?? []);

/** Of Endpoints we read who is behind a Service, and on which ports. */
export const endpointsView = z.object({
  metadata: metaView,
  subsets: list(
    z.object({
      addresses: list(endpointAddress),
      notReadyAddresses: list(endpointAddress),
      ports: list(z.object({ name: z.string().default(''), port: z.number() })),
    }),
  ),
});
export type Endpoints = z.output<typeof endpointsView>;

/** The addresses that are ready, each once. */
export const readyAddresses = ({ subsets }: Endpoints): readonly string[] => [
  ...new Set(subsets.flatMap(({ addresses }) => addresses.map(({ ip }) => ip))),
];
