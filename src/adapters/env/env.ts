import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { parseBoot } from '../../domain/config/boot-reading.ts';
import type { Boot, BootSetting } from '../../domain/config/boot.ts';
import type { Result } from '../../domain/result.ts';

type Flags = Readonly<Partial<Record<BootSetting, string>>>;

/** Reads the environment, the only time that anybody does, together with the flags that the command line gave. */
export const readBoot = (flags: Flags): Result<Boot, readonly string[]> => parse(flags, process.env);

/** The same for a command to which only flags count, whatever the environment says. */
export const readBootFromFlags = (flags: Flags): Result<Boot, readonly string[]> => parse(flags, {});

const parse = (flags: Flags, env: NodeJS.ProcessEnv): Result<Boot, readonly string[]> =>
  parseBoot({ env, flags, hostname: hostname(), unique: randomUUID() });
