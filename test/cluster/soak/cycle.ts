import { setTimeout as sleep } from 'node:timers/promises';
import { between } from './chance.ts';
import type { Clients } from './clients.ts';
import type { Life } from './life.ts';

type Moment = (life: Life, since: ReturnType<Life['mark']>) => Promise<void>;

/** From Active=False to the earliest moment at which the last pods may go, in milliseconds. */
const GRACE = 6_000;

const inactive: Moment = (life, since) => life.until('never turns inactive', () => life.wasInactive(since));
const zero: Moment = (life, since) => life.until('never goes to zero', () => life.wasZero(since));

/** When a volley meets a revision that is on its way to zero. */
export const MOMENTS: Readonly<Record<string, Moment>> = {
  moved: (life, since) =>
    life.until('is never moved to activators', () => life.wasMoved(since) || life.wasInactive(since)),
  inactive,
  'in-grace': async (life, since) => {
    await inactive(life, since);
    await sleep(between(0, GRACE));
  },
  // Most of these come just before /scale 0 is written, or just after, or while it is.
  'around-zero': async (life, since) => {
    await inactive(life, since);
    const at = performance.now() + GRACE + between(-500, 2_500);
    await life.until('never goes to zero', () => life.wasZero(since) || performance.now() > at);
  },
  'at-zero': zero,
  // The pods end meanwhile.
  'after-zero': async (life, since) => {
    await zero(life, since);
    await sleep(between(0, 4_000));
  },
};

/**
 * From N pods to none and back: traffic, silence, a volley at the moment. If that calls the revision back, the way down begins anew; the
 * volley that finds it at zero brings it back, and all of it is answered when this resolves. Says whether it was called back.
 */
export async function cycle(life: Life, clients: Clients, name: string): Promise<boolean> {
  const { target } = life;
  const volley = (why: string): Promise<void> => clients.volley(target, why, Math.ceil(between(0, 20)));
  await Promise.all([
    clients.steady(target, 'steady', between(500, 2_500)),
    sleep(between(0, 1_000)).then(() => volley('burst')),
  ]);
  const since = life.mark();
  await MOMENTS[name]!(life, since);
  await volley(name);
  if (life.wasZero(since)) return false;
  await zero(life, since);
  await volley('called-back');
  return true;
}
