import { test } from '@jest/globals';
import fc from 'fast-check';
import { ms } from '../../src/domain/time.ts';
import { Workqueue } from '../../src/engine/workqueue.ts';
import { ManualClock, settled } from '../doubles/manual-clock.ts';

const numRuns = Number(process.env['FUZZ_RUNS'] ?? 100);
const key = fc.constantFrom('a', 'b', 'c', 'd', 'e');
const wait = fc.integer({ min: 0, max: 400 });

const action = fc.oneof(
  fc.record({ do: fc.constant('add' as const), key, wait }),
  fc.record({ do: fc.constant('backoff' as const), key, wait }),
  fc.record({ do: fc.constant('retry' as const), key }),
  fc.record({ do: fc.constant('forget' as const), key }),
  fc.record({ do: fc.constant('pass' as const), wait }),
);
type Action = typeof action extends fc.Arbitrary<infer A> ? A : never;

/** Workers that hold each key for a while, and the law book that watches them. */
class Workers {
  readonly inHand = new Set<string>();
  /** Keys that were asked for and have not been taken since. */
  readonly wanted = new Set<string>();
  readonly broken: string[] = [];
  readonly #clock: ManualClock;
  readonly #queue: Workqueue<string>;

  constructor(clock: ManualClock, queue: Workqueue<string>, holds: readonly number[]) {
    this.#clock = clock;
    this.#queue = queue;
    for (const hold of holds) void this.#work(hold);
  }

  async #work(hold: number): Promise<void> {
    const never = new AbortController().signal;
    for (;;) {
      const taken = await this.#queue.take(never);
      if (taken === undefined) return;
      if (this.inHand.has(taken)) this.broken.push(`${taken} in two hands`);
      if (!this.wanted.delete(taken)) this.broken.push(`${taken} came out, nobody wanted it`);
      this.inHand.add(taken);
      await this.#clock.sleep(ms(hold));
      this.inHand.delete(taken);
      this.#queue.done(taken);
    }
  }
}

const carryOut = async (
  act: Action,
  clock: ManualClock,
  queue: Workqueue<string>,
  workers: Workers,
): Promise<void> => {
  if (act.do === 'pass') return clock.pass(act.wait);
  if (act.do === 'forget') {
    queue.forget(act.key);
    return;
  }
  workers.wanted.add(act.key);
  if (act.do === 'add') queue.add(act.key, ms(act.wait));
  else if (act.do === 'backoff') queue.backoff(act.key, ms(act.wait));
  else queue.retry(act.key);
  await settled();
};

test('no key is lost, none is in two hands at once, none comes out unasked', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(action, { maxLength: 60 }),
      fc.array(fc.integer({ min: 0, max: 300 }), { minLength: 1, maxLength: 3 }),
      fc.double({ min: 0, max: 0.999, noNaN: true }),
      async (actions, holds, random) => {
        const clock = new ManualClock();
        const queue = new Workqueue<string>({ clock, random: () => random });
        const workers = new Workers(clock, queue, holds);
        for (const act of actions) await carryOut(act, clock, queue, workers);
        await clock.pass(120_000);
        const left = [...workers.wanted].map((lost) => `${lost} lost`);
        queue.shutdown();
        if (workers.broken.length + left.length > 0) throw new Error([...workers.broken, ...left].join(', '));
      },
    ),
    { numRuns },
  );
}, 600_000);

test('a key that is always asked for again starves nobody', async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 50 }), async (others) => {
      const clock = new ManualClock();
      const queue = new Workqueue<string>({ clock, random: () => 0.5 });
      const never = new AbortController().signal;
      queue.add('greedy');
      for (let i = 0; i < others; i++) queue.add(`quiet-${i}`);
      const seen = new Set<string>();
      for (let turn = 0; turn <= others; turn++) {
        const taken = (await queue.take(never)) ?? '';
        seen.add(taken);
        queue.add('greedy');
        queue.done(taken);
      }
      if (seen.size !== others + 1) throw new Error(`only ${seen.size} of ${others + 1} had a turn`);
    }),
    { numRuns },
  );
});
