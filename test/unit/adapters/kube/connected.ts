import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, type ConnectOptions, type KubeApi } from '../../../../src/adapters/kube/connection.ts';
import { systemClock } from '../../../../src/adapters/time/system-clock.ts';
import { faultOf, type Fault } from '../../../../src/domain/fault.ts';
import { SilentLog } from '../../../doubles/silent-log.ts';
import { TallyingTelemetry } from '../../../doubles/tallying-telemetry.ts';

/** A kubeconfig with one cluster and one user, as text. */
export const kubeconfig = (server: string, user: object = { token: 'good' }, cluster: object = {}): string =>
  JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'test',
    clusters: [{ name: 'c', cluster: { server, ...cluster } }],
    users: [{ name: 'u', user }],
    contexts: [{ name: 'test', context: { cluster: 'c', user: 'u', namespace: 'system' } }],
  });

export interface Folder extends Disposable {
  /** Writes a file and returns its path. */
  write(name: string, text: string): string;
  readonly path: string;
}

/** A temporary folder that goes with its scope. */
export function folder(): Folder {
  const path = mkdtempSync(join(tmpdir(), 'hpa-bridge-'));
  return {
    path,
    write: (name, text) => {
      writeFileSync(join(path, name), text, { mode: 0o700 });
      return join(path, name);
    },
    [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }),
  };
}

export interface Connected extends AsyncDisposable {
  readonly api: KubeApi;
  readonly log: SilentLog;
  readonly telemetry: TallyingTelemetry;
}

/** Connects with a kubeconfig of this text; what is not given has the product's defaults. */
export async function connected(text: string, options: Partial<ConnectOptions> = {}): Promise<Connected> {
  const files = folder();
  const log = new SilentLog();
  const telemetry = new TallyingTelemetry();
  const source = { path: files.write('kubeconfig', text), env: {} };
  const api = await connect({ source, clock: systemClock, log, telemetry, version: '1.2.3', ...options });
  return {
    api,
    log,
    telemetry,
    [Symbol.asyncDispose]: async () => {
      await api.close();
      files[Symbol.dispose]();
    },
  };
}

/** The fault with which a promise is rejected; anything else is a failure of the test. */
export async function faultFrom(promise: Promise<unknown>): Promise<Fault> {
  try {
    await promise;
  } catch (error) {
    return faultOf(error);
  }
  throw new Error('no fault');
}

/** A signal that never aborts. */
export const never = (): AbortSignal => new AbortController().signal;
