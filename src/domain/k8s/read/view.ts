import type { z } from 'zod';
import type { Fault } from '../../fault.ts';
import { err, ok, type Result } from '../../result.ts';
import type { KubeObject } from '../meta.ts';

/** Reads objects through a zod view. The fault names the first field that does not fit, and what was expected there. */
export const readThrough =
  <T>(view: z.ZodType<T>) =>
  (object: KubeObject): Result<T, Fault> => {
    const read = view.safeParse(object);
    if (read.success) return ok(read.data);
    const [issue] = read.error.issues;
    const path = issue?.path.join('.') ?? '';
    return err({ code: 'object_invalid', message: `${path}: ${issue?.message ?? 'cannot be read'}`, path });
  };
