import { spawn } from 'node:child_process';
import { cpuSeconds, machineSeconds } from '../process-figures.ts';

/** What is sent, and what is answered. */
export interface Load {
  /** Each has one request at a time. */
  readonly clients: number;
  /** Bytes of the request's body; 0: a GET. */
  readonly body?: number;
  /** Bytes of the answer's body. */
  readonly answer?: number;
  readonly http2?: boolean;
  /** Requests a second in all; absent: as many as there can be. */
  readonly rate?: number;
}

/** Where a load goes, and whose CPU it costs. */
export interface Subject {
  readonly name: string;
  readonly host: string;
  readonly port: number;
  /** Absent: there is nobody between the load and the pod. */
  readonly pid?: number | undefined;
  readonly namespace: string;
  /** Whom requests are for. */
  readonly revision: string;
}

/** What one run of load came to. */
export interface Run {
  readonly requests: number;
  readonly failed: number;
  readonly perSecond: number;
  /** Microseconds. */
  readonly p50: number;
  readonly p99: number;
  /** Microseconds of CPU of the subject, and of the whole machine, for each request. */
  readonly cpu: number;
  readonly machine: number;
}

/** Sends the load to the subject for so many milliseconds, by the program of this folder. */
export async function measure(program: string, to: Subject, load: Load, lasting: number): Promise<Run> {
  const { clients, body = 0, answer = 1024, http2 = false, rate = 0 } = load;
  const flags = {
    address: `${to.host}:${to.port}`,
    namespace: to.namespace,
    revision: to.revision,
    ...{ clients, body, answer, http2, rate },
    lasting: `${lasting}ms`,
  };
  const used = (): number => (to.pid === undefined ? 0 : cpuSeconds(to.pid));
  const [cpu, machine] = [used(), machineSeconds()];
  const args = Object.entries(flags).map(([name, value]) => `-${name}=${String(value)}`);
  const loader = spawn(program, ['load', ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  let text = '';
  for await (const chunk of loader.stdout) text += String(chunk);
  const run = JSON.parse(text) as Omit<Run, 'cpu' | 'machine'>;
  const each = (seconds: number): number => (seconds * 1e6) / Math.max(1, run.requests);
  return { ...run, cpu: each(used() - cpu), machine: each(machineSeconds() - machine) };
}
