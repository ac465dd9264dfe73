import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { configured } from './cluster-config.ts';
import { Exporter } from './exporter.ts';
import { figure, namespace } from './lab.ts';
import { Prometheus } from './prometheus.ts';
import { served, type Annotations } from './serving.ts';
import { Clients } from './soak/clients.ts';
import { cycle, MOMENTS } from './soak/cycle.ts';
import { Ledger } from './soak/ledger.ts';
import { Life } from './soak/life.ts';
import { World } from './soak/world.ts';

/** How many cycles; by hand as many as one likes: `npm run soak -- zero --cycles N`. */
const CYCLES = Number(process.env['SOAK_CYCLES'] ?? 50);
/** After so many cycles something happens to the world: by turns the controller is killed, and activators are replaced. */
const TROUBLE = 15;
/** A cycle takes much less; a run has to end. In milliseconds. */
const LONGEST_CYCLE = 30_000;

let space: Awaited<ReturnType<typeof namespace>>;
let exporter: Exporter;
let prometheus: Prometheus;
let world: World;
beforeAll(async () => {
  space = await namespace('soak');
  exporter = await Exporter.start();
  exporter.set(`depth{namespace="${space.name}"}`, 0);
  prometheus = await Prometheus.start(space.name, [exporter.target]);
  world = await World.start();
});
afterAll(async () => {
  await world[Symbol.asyncDispose]();
  await space[Symbol.asyncDispose]();
  await exporter[Symbol.asyncDispose]();
});

/** Pods take requests by themselves while there are some. */
const DIRECT = { metric: 'concurrency', 'target-burst-capacity': '0' };
/** Activators stay in the path of them: a burst might be too much for its pods. */
const PROXIED = { metric: 'concurrency' };
/** A burst makes several pods of it, and they go before the last one does. */
const SEVERAL = { target: '2', 'max-scale': '3' };
const CPU = { metric: 'cpu', target: '70', 'hpa-bridge.dev/backend': 'hpa' };
const KEDA = {
  query: 'sum(depth{namespace="{{ .namespace }}"})',
  target: '5',
  'hpa-bridge.dev/polling-interval': '1s',
};
/** A machine that has much else to do may take longer than usual for a pod: that loses nothing. */
const PATIENT = { timeoutSeconds: 30, responseStartTimeoutSeconds: 30 };
const REVISIONS: Readonly<Record<string, readonly [Annotations, object?]>> = {
  ...Object.fromEntries(['a', 'b', 'c', 'd'].map((name) => [`direct-${name}`, [DIRECT]])),
  ...Object.fromEntries(['a', 'b', 'c'].map((name) => [`proxied-${name}`, [PROXIED]])),
  'direct-several': [{ ...DIRECT, ...SEVERAL }],
  'proxied-several': [{ ...PROXIED, ...SEVERAL }],
  // A queue-proxy takes ten times as many as it hands on, and refuses what is more: no burst is that large.
  limited: [{ ...DIRECT, ...SEVERAL }, { containerConcurrency: 4 }],
  'cpu-a': [CPU],
  'cpu-b': [CPU],
  keda: [KEDA],
};

const settings = async (work: () => Promise<void>): Promise<void> =>
  configured('config-autoscaler', { 'scale-to-zero-grace-period': '6s' }, () =>
    configured('config-autoscaler-keda', { 'autoscaler.keda.prometheus-address': prometheus.address }, work),
  );

const lives = (): Promise<readonly Life[]> =>
  Promise.all(
    Object.entries(REVISIONS).map(async ([name, [annotations, spec]]) =>
      Life.of(
        space.name,
        await served(space.name, name, { ...annotations, window: '6s' }, { ...PATIENT, ...spec }),
      ),
    ),
  );

/** What happens to the world once so many cycles are over. */
async function trouble(over: number): Promise<void> {
  if (over % TROUBLE !== 0) return;
  await (over % (2 * TROUBLE) === 0 ? world.replaceActivators() : world.killController());
}

test(
  `${CYCLES} times from N pods to none and back: no request is lost, and none is served twice`,
  () =>
    settings(async () => {
      const ledger = new Ledger();
      const began = performance.now();
      let calledBack = 0;
      {
        await using clients = new Clients(ledger);
        const moments = Object.keys(MOMENTS);
        let [begun, over] = [0, 0];
        let troubles = Promise.resolve();
        const live = async (life: Life): Promise<void> => {
          await using it = life;
          while (begun < CYCLES) {
            if (await cycle(it, clients, moments[begun++ % moments.length]!)) calledBack += 1;
            over += 1;
            const now = over;
            troubles = troubles.then(() => trouble(now));
          }
        };
        await Promise.all((await lives()).map(live));
        await troubles;
      }
      const { sent, answered, lost, doubled, unseen } = ledger.balance(space.name);
      const took = Math.round((performance.now() - began) / 1000);
      figure(
        `soak zero: ${CYCLES} cycles of ${Object.keys(REVISIONS).length} revisions in ${took} s, ${calledBack} of them called back on the way, ${world.told}`,
      );
      figure(
        `soak zero: ${sent} requests sent, ${answered} answered, ${lost.length} lost, ${doubled.length} doubled`,
      );
      for (const { id, what } of lost) figure(`soak zero: lost ${id}, ${what}`);
      expect({ lost, doubled, unseen }).toEqual({ lost: [], doubled: [], unseen: [] });
      expect(answered).toBe(sent);
    }),
  300_000 + CYCLES * LONGEST_CYCLE,
);
