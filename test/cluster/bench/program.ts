import { join } from 'node:path/posix';
import { LAB } from '../lab.ts';

/** Where the program of test/bench/activator is, as an image of the lab. */
export const PROGRAM = join(LAB.run, 'bin', 'bench-activator');
/** With a digest nobody asks a registry which one is meant. */
export const IMAGE = `local/bench-activator@sha256:${'0'.repeat(64)}`;
