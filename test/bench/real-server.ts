import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { binaries, startRealApiServer } from '../cluster/apiserver.ts';

const NEEDED = ['etcd', 'kube-apiserver', 'kube-controller-manager', 'kubectl'];

/** What to do when the binaries of a control plane are not there; undefined when they are. */
export function missingBinaries(): string | undefined {
  const missing = NEEDED.filter((name) => !existsSync(join(binaries(), name)));
  return missing.length === 0
    ? undefined
    : `no run on a real kube-apiserver: ${missing.join(', ')} missing in ${binaries()}; test/cluster/lab/build.sh builds them, or KUBEBUILDER_ASSETS names a folder that has them`;
}

/** Starts etcd, kube-apiserver and kube-controller-manager, which end with the signal; returns the path of a kubeconfig. */
export async function startRealServer(folder: string, signal: AbortSignal): Promise<string> {
  const server = await startRealApiServer();
  signal.addEventListener('abort', () => void server.stop(), { once: true });
  const kubeconfig = join(folder, 'kubeconfig');
  writeFileSync(kubeconfig, server.kubeconfig);
  return kubeconfig;
}
