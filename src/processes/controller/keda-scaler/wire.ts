import { startScalerServer } from '../../../adapters/grpc/scaler-server.ts';
import { ServingCredentials } from '../../../adapters/grpc/serving-credentials.ts';
import { readBundle, validityOf } from '../../../adapters/tls/x509.ts';
import type { ReadText } from '../../../adapters/prometheus/texts.ts';
import type { Boot } from '../../../domain/config/boot.ts';
import type { Teller } from '../../../domain/signal/told.ts';
import type { Clock } from '../../../ports/clock.ts';
import type { Log } from '../../../ports/log.ts';
import type { TlsMaterial } from '../../../ports/tls-material.ts';
import type { Telemetry } from '../../../ports/telemetry.ts';
import { followCertificate } from './certificate.ts';
import { KedaScaler } from './keda-scaler.ts';

export interface KedaScalerParts {
  readonly boot: Boot;
  readonly teller: Teller;
  readonly read: ReadText;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
  readonly log: Log;
}

export interface KedaScalerProcess {
  /** The port in use; undefined: nobody is served. */
  readonly port: number | undefined;
  /** Ends what KEDA follows and takes no more questions; bounded by a second. */
  close(): Promise<void>;
}

/**
 * Serves KEDA where a port is set. Every replica does, leader or not: it answers with what it has measured itself. Rejects with one
 * sentence when the port or the certificate is of no use.
 */
export async function startKedaScaler(parts: KedaScalerParts): Promise<KedaScalerProcess> {
  const { boot, teller, clock, telemetry, log } = parts;
  if (boot.kedaScalerPort === undefined) return { port: undefined, close: () => Promise.resolve() };
  const read = certificateOf(parts);
  const certificate = await read?.();
  const credentials = certificate === undefined ? undefined : new ServingCredentials(certificate);
  const tell = ({ cert }: TlsMaterial): void => {
    const [leaf] = readBundle(cert);
    if (leaf !== undefined)
      telemetry.set('hpa_bridge_keda_certificate_expiry_seconds', {}, validityOf(leaf).until / 1000);
  };
  if (certificate !== undefined) tell(certificate);
  const scaler = new KedaScaler(teller);
  const server = await startScalerServer({
    scaler,
    address: boot.bindAddress,
    port: boot.kedaScalerPort,
    credentials,
    clock,
    telemetry,
    log,
  });
  log.info('listening for keda', { address: boot.bindAddress, port: server.port });
  const stop = new AbortController();
  const following =
    read === undefined || certificate === undefined || credentials === undefined
      ? undefined
      : followCertificate(
          {
            read,
            replace: (next) => {
              credentials.replace(next);
              tell(next);
            },
            clock,
            log,
          },
          certificate,
          stop.signal,
        );
  return {
    port: server.port,
    close: async () => {
      stop.abort(new Error('stopping'));
      scaler.close();
      await Promise.all([server.close(), following]);
    },
  };
}

/** Undefined without TLS. */
function certificateOf({ boot, read }: KedaScalerParts): (() => Promise<TlsMaterial>) | undefined {
  const { kedaScalerTlsCertFile, kedaScalerTlsPrivateKeyFile, kedaScalerClientCaFile: ca } = boot;
  if (kedaScalerTlsCertFile === undefined || kedaScalerTlsPrivateKeyFile === undefined) return undefined;
  const file = (path: string): Promise<string> => read({ from: 'file', path });
  return async () => {
    const [cert, key, clientCa] = await Promise.all([
      file(kedaScalerTlsCertFile),
      file(kedaScalerTlsPrivateKeyFile),
      ca === undefined ? undefined : file(ca),
    ]);
    return { cert, key, clientCa };
  };
}
