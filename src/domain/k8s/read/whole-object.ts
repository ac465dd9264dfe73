import { z } from 'zod';
import type { JsonObject } from '../../json.ts';

/** A JSON object that is kept as it is; an absent one is empty. */
export const wholeObject = z
  .custom<JsonObject>((value) => typeof value === 'object' && value !== null && !Array.isArray(value))
  .default({});
