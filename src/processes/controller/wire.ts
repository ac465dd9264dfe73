import type { Boot } from '../../domain/config/boot.ts';

/** Runs the controller until the signal aborts. */
export const runController = (_boot: Boot, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    signal.addEventListener('abort', () => resolve());
  });
