import { FaultError } from '../../src/domain/fault.ts';
import type { LeaseRecord, LeaseStore } from '../../src/ports/lease.ts';

/** One lease in memory; every process of a test shares the object. */
export class MemoryLease implements LeaseStore {
  readonly name: string;
  record: LeaseRecord | undefined;
  #version = 0;

  constructor(name = 'memory') {
    this.name = name;
  }

  read(): Promise<LeaseRecord | undefined> {
    return Promise.resolve(this.record);
  }

  create(record: Omit<LeaseRecord, 'version'>): Promise<LeaseRecord> {
    if (this.record !== undefined)
      return Promise.reject(new FaultError({ code: 'already_exists', message: 'the lease exists' }));
    return Promise.resolve(this.#keep(record));
  }

  update(record: LeaseRecord): Promise<LeaseRecord> {
    if (this.record?.version !== record.version)
      return Promise.reject(new FaultError({ code: 'conflict', message: 'the lease has changed' }));
    return Promise.resolve(this.#keep(record));
  }

  /** Somebody deletes the lease. */
  vanish(): void {
    this.record = undefined;
  }

  #keep(record: Omit<LeaseRecord, 'version'>): LeaseRecord {
    this.record = { ...record, version: String(++this.#version) };
    return this.record;
  }
}
