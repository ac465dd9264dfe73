import { z } from 'zod';
import { metaView } from '../meta.ts';
import { wholeObject } from './whole-object.ts';

/** Of a Service we keep the spec whole: the planner compares it with the one that it would apply. */
export const serviceView = z.object({ metadata: metaView, spec: wholeObject });
export type Service = z.output<typeof serviceView>;
