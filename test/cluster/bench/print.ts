import { writeSync } from 'node:fs';
import { figure } from '../lab.ts';

/** A line of figures, at once and once more when the lab is gone. Jest keeps what is written to standard output. */
export function print(line: string): void {
  figure(line);
  writeSync(2, `${line}\n`);
}

/** A setting of bench.sh. */
export const setting = (name: 'ROUNDS' | 'SECONDS', usual: number): number =>
  Number(process.env[`BENCH_${name}`] ?? usual);
