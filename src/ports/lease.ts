/** What a Lease object says, reduced to what an election needs. */
export interface LeaseRecord {
  readonly holder: string;
  readonly durationSeconds: number;
  /** RFC 3339 with microseconds, as written by the holder's clock: only ever compared for change, never with our clock. */
  readonly renewTime: string;
  readonly acquireTime: string;
  readonly transitions: number;
  /** Opaque version for the optimistic lock. */
  readonly version: string;
}

/** One named lease. Every method throws `FaultError`; a lost race is `conflict` or `already_exists`. */
export interface LeaseStore {
  readonly name: string;
  /** `undefined` when the lease does not exist yet. */
  read(signal: AbortSignal): Promise<LeaseRecord | undefined>;
  create(record: Omit<LeaseRecord, 'version'>, signal: AbortSignal): Promise<LeaseRecord>;
  /** Writes under the lock of `record.version`. */
  update(record: LeaseRecord, signal: AbortSignal): Promise<LeaseRecord>;
}
