import { FaultError } from '../../domain/fault.ts';
import type { Seen } from '../../domain/doctor/facts.ts';
import { err, ok } from '../../domain/result.ts';

/** What a look brings, or the sentence of its fault. What is no fault is a mistake of ours, or the end, and thrown. */
export async function seen<T>(look: () => Promise<T>): Promise<Seen<T>> {
  try {
    return ok(await look());
  } catch (thrown) {
    if (!(thrown instanceof FaultError)) throw thrown;
    return err(thrown.message);
  }
}
