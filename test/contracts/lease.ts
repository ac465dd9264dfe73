import { describe, expect, it } from '@jest/globals';
import { FaultError } from '../../src/domain/fault.ts';
import type { LeaseRecord, LeaseStore } from '../../src/ports/lease.ts';

const signal = new AbortController().signal;
const record: Omit<LeaseRecord, 'version'> = {
  holder: 'first',
  durationSeconds: 15,
  renewTime: '2026-01-01T00:00:00.000000Z',
  acquireTime: '2026-01-01T00:00:00.000000Z',
  transitions: 0,
};

const codeOf = (attempt: Promise<unknown>): Promise<string> =>
  attempt.then(
    () => 'accepted',
    (thrown: unknown) => (thrown instanceof FaultError ? thrown.fault.code : 'not a fault'),
  );

/** What any LeaseStore promises. `make` gives two stores of the same lease, which does not exist yet. */
export const leaseContract = (name: string, make: () => Promise<readonly [LeaseStore, LeaseStore]>): void =>
  describe(`${name} keeps the LeaseStore contract`, () => {
    it('reads nothing where nothing is', async () => {
      const [ours] = await make();
      expect(await ours.read(signal)).toBeUndefined();
    });

    it('gives back what was created, also to others', async () => {
      const [ours, theirs] = await make();
      const made = await ours.create(record, signal);
      expect(made).toMatchObject(record);
      expect(await theirs.read(signal)).toEqual(made);
    });

    it('lets one of two create it', async () => {
      const [ours, theirs] = await make();
      const codes = await Promise.all([
        codeOf(ours.create(record, signal)),
        codeOf(theirs.create({ ...record, holder: 'second' }, signal)),
      ]);
      expect(codes.sort()).toEqual(['accepted', 'already_exists']);
    });

    it('lets one of two update the same version', async () => {
      const [ours, theirs] = await make();
      const made = await ours.create(record, signal);
      const codes = await Promise.all([
        codeOf(ours.update({ ...made, renewTime: '2026-01-01T00:00:02.000001Z' }, signal)),
        codeOf(theirs.update({ ...made, holder: 'second', transitions: 1 }, signal)),
      ]);
      expect(codes.sort()).toEqual(['accepted', 'conflict']);
    });

    it('gives each update a version of its own, with which the next one goes', async () => {
      const [ours, theirs] = await make();
      const made = await ours.create(record, signal);
      const renewed = await ours.update({ ...made, renewTime: '2026-01-01T00:00:02.123456Z' }, signal);
      expect(renewed.version).not.toBe(made.version);
      const taken = await theirs.update({ ...renewed, holder: 'second', transitions: 1 }, signal);
      expect(await ours.read(signal)).toEqual({
        ...record,
        renewTime: '2026-01-01T00:00:02.123456Z',
        holder: 'second',
        transitions: 1,
        version: taken.version,
      });
    });

    it('keeps a lease that nobody holds', async () => {
      const [ours] = await make();
      const made = await ours.create(record, signal);
      await ours.update({ ...made, holder: '', durationSeconds: 1 }, signal);
      expect(await ours.read(signal)).toMatchObject({ holder: '', durationSeconds: 1 });
    });

    it('does not bring a lease into being by an update', async () => {
      const [ours] = await make();
      const code = await codeOf(ours.update({ ...record, version: '1' }, signal));
      expect([code === 'accepted', await ours.read(signal)]).toEqual([false, undefined]);
    });
  });
