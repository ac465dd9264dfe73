import { certificates } from '../../../adapters/tls/certificates.ts';
import { startTlsServer } from '../../../adapters/tls/server.ts';
import type { Boot } from '../../../domain/config/boot.ts';
import { buildAdmission, type AdmissionParts } from './admission.ts';

/** More than two objects of the largest size that the API server stores. */
const MOST_BYTES = 7 * 2 ** 20;

/** The webhook of a running process. */
export interface RunningAdmission {
  /** Sees to its certificate; resolves after the signal aborted and the last write ended. */
  readonly run: (signal: AbortSignal) => Promise<void>;
  readonly close: () => Promise<void>;
}

/** Starts the server that the API server asks about objects, where it has a port. Rejects with one sentence when the port cannot be had. */
export async function startAdmission(
  parts: Omit<AdmissionParts, 'boot' | 'certificates'> & { readonly boot: Boot },
): Promise<RunningAdmission> {
  const { boot, log } = parts;
  const { webhookPort: port, bindAddress: address } = boot;
  if (port === undefined) return { run: () => Promise.resolve(), close: () => Promise.resolve() };
  const admission = buildAdmission({ ...parts, certificates });
  const server = await startTlsServer({ address, port, answer: admission.answer, mostBytes: MOST_BYTES });
  log.info('listening for admission', { address, port: server.port });
  return { run: (signal) => admission.run(server, signal), close: () => server.close() };
}
