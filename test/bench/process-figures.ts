import { readFileSync } from 'node:fs';

/** Clock ticks a second in /proc; 100 on every Linux that Node runs on. */
const TICKS = 100;

/** CPU seconds (user and system) that a process has used so far. */
export function cpuSeconds(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /, '')
    .split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS;
}

/** The most memory that a process has had resident, in MiB. */
export const peakMiB = (pid: number): number => memoryMiB(pid, 'VmHWM');

/** The memory that a process has resident now, in MiB. */
export const residentMiB = (pid: number): number => memoryMiB(pid, 'VmRSS');

function memoryMiB(pid: number, field: string): number {
  const found = new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  return Number(found?.[1] ?? Number.NaN) / 1024;
}

/** CPU seconds that all processes have used since the machine began: all columns of /proc/stat but idle and waiting for disks. */
export function machineSeconds(): number {
  const [, ...columns] = (readFileSync('/proc/stat', 'utf8').split('\n')[0] ?? '').trim().split(/\s+/);
  return (
    columns.slice(0, 8).reduce((sum, each, i) => sum + (i === 3 || i === 4 ? 0 : Number(each)), 0) / TICKS
  );
}
