import { z } from 'zod';
import { metaView } from '../meta.ts';

/** Of a Revision we read the metadata only: its annotations hold what the user chose. */
export const revisionView = z.object({ metadata: metaView });
export type Revision = z.output<typeof revisionView>;
