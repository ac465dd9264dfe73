import { test } from '@jest/globals';

/** Cases that wait much and work little, at the same time: the first that is to be judged begins all of them. By the names of the cases. */
export function beside(cases: Readonly<Record<string, () => Promise<void>>>): void {
  let running: ReadonlyMap<string, Promise<void>> | undefined;
  for (const name of Object.keys(cases)) {
    test(name, () => {
      running ??= begun(cases);
      return running.get(name);
    });
  }
}

function begun(cases: Readonly<Record<string, () => Promise<void>>>): ReadonlyMap<string, Promise<void>> {
  const running = new Map(Object.entries(cases).map(([name, run]) => [name, run()]));
  // Each is judged in its turn; one that fails before is not unhandled.
  for (const result of running.values()) result.catch(() => undefined);
  return running;
}
