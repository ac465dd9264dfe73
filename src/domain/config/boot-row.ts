import type { z } from 'zod';

/** A setting that needs a restart. */
export interface Row<T> {
  /** The environment variable, if any. A variable that is set but empty counts as absent. */
  readonly env?: string;
  /** The flag, which wins over the variable; absent where only the environment makes sense. */
  readonly flag?: `--${string}`;
  /** What `--help` shows in the place of the value. */
  readonly placeholder?: string;
  /** As one would write it; absent: the setting is optional. */
  readonly default?: string;
  /** What happens without an optional setting. */
  readonly otherwise?: string;
  readonly doc: string;
  readonly schema: z.ZodType<T, string>;
}

/** One that has a default. */
export const required = <T>(
  row: Row<T> & { readonly default: string },
): Row<T> & { readonly default: string; readonly optional: false } => ({ ...row, optional: false });
/** One that may be absent. */
export const optional = <T>(row: Row<T>): Row<T> & { readonly optional: true } => ({
  ...row,
  optional: true,
});
