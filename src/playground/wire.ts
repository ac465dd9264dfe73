import type { Boot } from '../domain/config/boot.ts';

/** Starts a controller; resolves when the signal aborts and everything is put away. */
export type RunController = (boot: Boot, signal: AbortSignal) => Promise<void>;

export async function runPlayground(
  boot: Boot,
  controller: RunController,
  signal: AbortSignal,
): Promise<void> {
  await controller(boot, signal);
}
