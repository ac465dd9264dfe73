import { z } from 'zod';
import { metaView } from '../meta.ts';

/** The text that base64 stands for; what is no base64 stands for nothing. */
function decoded(base64: string): string {
  try {
    return atob(base64);
  } catch {
    return '';
  }
}

/** What we read of a Secret: its texts, decoded. Only for those that hold PEM or other ASCII. */
export const secretView = z.object({
  metadata: metaView,
  data: z
    .record(z.string(), z.string())
    .nullish()
    .transform((data) =>
      Object.fromEntries(Object.entries(data ?? {}).map(([key, base64]) => [key, decoded(base64)])),
    ),
});
export type Secret = z.output<typeof secretView>;
