import { instant, ms } from '../../src/domain/time.ts';
import type { Clock } from '../../src/ports/clock.ts';

/** Real time that passes so many times as fast: for what takes long because it waits, and talks to real servers. */
export function fastClock(clock: Clock, times: number): Clock {
  const [wall, monotonic] = [clock.now(), clock.monotonic()];
  const passed = (): number => (clock.monotonic() - monotonic) * times;
  return {
    now: () => instant(wall + passed()),
    monotonic: () => ms(monotonic + passed()),
    sleep: (wait, signal) => clock.sleep(ms(wait / times), signal),
    after: (wait, run) => clock.after(ms(wait / times), run),
    giveWay: () => clock.giveWay(),
  };
}
