import { faultOf } from '../../../domain/fault.ts';
import { minutes } from '../../../domain/time.ts';
import type { Clock } from '../../../ports/clock.ts';
import type { Log } from '../../../ports/log.ts';
import type { TlsMaterial } from '../../../ports/tls-material.ts';

export interface Rotation {
  readonly read: () => Promise<TlsMaterial>;
  /** Puts a new certificate into force. Throws when it is of no use; the present one stays then. */
  readonly replace: (certificate: TlsMaterial) => void;
  readonly clock: Clock;
  readonly log: Log;
}

const EVERY = minutes(1);

/**
 * Puts a certificate into force whenever what is read differs from `present`, the one in force. A certificate and a key that do not
 * belong together, as they are found in the middle of a rotation, are read again. Resolves when the signal aborts.
 */
export async function followCertificate(
  { read, replace, clock, log }: Rotation,
  present: TlsMaterial,
  signal: AbortSignal,
): Promise<void> {
  let inForce = present;
  while (await slept(clock, signal))
    try {
      const found = await read();
      if (same(found, inForce)) continue;
      replace(found);
      inForce = found;
      log.info('serving certificate replaced');
    } catch (thrown) {
      log.warn('serving certificate not replaced', { detail: faultOf(thrown).message });
    }
}

/** False when the signal aborted. */
const slept = (clock: Clock, signal: AbortSignal): Promise<boolean> =>
  clock.sleep(EVERY, signal).then(
    () => true,
    () => false,
  );

const same = (a: TlsMaterial, b: TlsMaterial): boolean =>
  a.cert === b.cert && a.key === b.key && a.clientCa === b.clientCa;
