declare const unit: unique symbol;
/** A Go `time.Duration`: whole nanoseconds, exact over the full int64 range. */
export type Nanos = bigint & { readonly [unit]: 'ns' };
