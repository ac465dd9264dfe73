import { z } from 'zod';
import { metaView } from '../meta.ts';

const listOf = <T>(item: z.ZodType<T>): z.ZodType<readonly T[]> =>
  z
    .array(item)
    .nullish()
    .transform((given): readonly T[] => given ?? []);

const subset = z.object({
  addresses: listOf(z.object({ ip: z.string() })),
  ports: listOf(z.object({ port: z.number() })),
});

/** Of Endpoints that requests follow we read the addresses that are ready, each once, and the first port. There are as many as revisions: nothing else is kept. */
export const routedEndpointsView = z
  .object({ metadata: metaView, subsets: listOf(subset) })
  .transform(({ metadata, subsets }) => ({
    metadata: { ...metadata, labels: {}, annotations: {}, ownerReferences: [] },
    addresses: [...new Set(subsets.flatMap(({ addresses }) => addresses.map(({ ip }) => ip)))].sort(),
    port: subsets[0]?.ports[0]?.port,
  }));
export type RoutedEndpoints = z.output<typeof routedEndpointsView>;
