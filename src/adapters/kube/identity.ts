import { readFileSync } from 'node:fs';
import { delimiter } from 'node:path';
import { FaultError } from '../../domain/fault.ts';
import { codeOfError } from './network-errors.ts';

/** Where the cluster and our identity in it are described. */
export interface KubeSource {
  /** An explicit kubeconfig file; wins over everything else. */
  readonly path?: string | undefined;
  /** A context other than the file's current one. */
  readonly context?: string | undefined;
  /** `KUBECONFIG`, `HOME`, `KUBERNETES_SERVICE_HOST` and `KUBERNETES_SERVICE_PORT` are read from here. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Where a pod finds its token, CA and namespace. */
  readonly serviceAccount?: string | undefined;
}

/** What a TLS connection to the API server is made with. */
export interface TlsMaterial {
  readonly ca?: string | Buffer;
  readonly cert?: string | Buffer;
  readonly key?: string | Buffer;
  readonly servername?: string;
  readonly rejectUnauthorized?: boolean;
}

/** Who we are, as of one reading of all files and plugins. */
export interface Access {
  /** Secrets: sent, never logged and never quoted. */
  readonly headers: Readonly<Record<string, string>>;
  readonly tls: TlsMaterial;
}

/** A cluster and who we are in it, as loaded. */
export interface Identity {
  readonly server: URL;
  /** The namespace of the context, or of the pod. */
  readonly namespace: string | undefined;
  readonly proxy: string | undefined;
  /** Reads the files that were named, and runs the plugins. Throws `config_invalid` with one sentence. */
  access(): Promise<Access>;
}

export const refused = (message: string, cause?: unknown): FaultError =>
  new FaultError({ code: 'config_invalid', message }, cause);

const WHY: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EACCES: 'its permissions do not let us read it',
  EISDIR: 'it is a directory',
};

/** Reads a text file; `what` names it in the sentence of a failure. */
export function readText(path: string, what: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const code = codeOfError(error);
    const why = WHY[code] ?? `reading fails (${code})`;
    throw refused(`${what} ${path} cannot be read: ${why}.`, error);
  }
}

/** The files that `KUBECONFIG` lists. */
export const listedIn = (env: KubeSource['env']): readonly string[] =>
  (env['KUBECONFIG'] ?? '').split(delimiter).filter((file) => file !== '');
