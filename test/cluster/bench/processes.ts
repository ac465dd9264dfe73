import { readdirSync, readFileSync } from 'node:fs';
import { KINDS } from '../kinds.ts';
import { api, SYSTEM } from '../lab.ts';

/** The process of a pod that is told its own name as POD_NAME. A pod is a process of this machine in the lab. */
export function processOf(podName: string): number {
  const pid = readdirSync('/proc').find(
    (name) => /^\d+$/.test(name) && environmentOf(name).includes(`POD_NAME=${podName}`),
  );
  if (pid === undefined) throw new Error(`no process has POD_NAME=${podName}`);
  return Number(pid);
}

function environmentOf(pid: string): readonly string[] {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'latin1').split('\0');
  } catch {
    // It has ended meanwhile.
    return [];
  }
}

export interface Located {
  readonly host: string;
  readonly pid: number;
}

/** The activator at this address. */
export async function activatorAt(host: string): Promise<Located> {
  const pods = await api.list(KINDS.pod, SYSTEM);
  const pod = pods.find(({ status }) => status?.podIP === host);
  if (pod === undefined) throw new Error(`no pod has the address ${host}`);
  return { host, pid: processOf(pod.metadata.name) };
}
