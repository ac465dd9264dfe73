import { z } from 'zod';
import { metaView, type HasMeta } from '../meta.ts';
import { keyOf, type Key } from '../../key.ts';

/** The Service that a slice belongs to. */
export const SLICE_OF = 'kubernetes.io/service-name';
/** Whose slices are ours: every program leaves alone what another one manages. */
export const SLICE_MANAGER = 'endpointslice.kubernetes.io/managed-by';
export const OUR_SLICES = 'hpa-bridge.dev';

/** What we read of a slice of ours. */
export const endpointSliceView = z.object({
  metadata: metaView,
  addressType: z.string().default(''),
  endpoints: z
    .array(z.object({ addresses: z.array(z.string()).default([]) }))
    .nullish()
    .transform((list): readonly string[] => (list ?? []).flatMap(({ addresses }) => addresses)),
});
export type EndpointSlice = z.output<typeof endpointSliceView>;

/** The revision whose Service the slice belongs to. */
export const revisionOfSlice = ({ metadata }: HasMeta): readonly Key[] => {
  const service = metadata.labels[SLICE_OF];
  return service === undefined ? [] : [keyOf(metadata.namespace, service)];
};
