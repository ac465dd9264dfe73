import { faultOf } from '../domain/fault.ts';

/** What is read, or undefined where there is none (`not_found`). */
export async function unlessAbsent<T>(reading: Promise<T>): Promise<T | undefined> {
  try {
    return await reading;
  } catch (thrown) {
    if (faultOf(thrown).code === 'not_found') return undefined;
    throw thrown;
  }
}
