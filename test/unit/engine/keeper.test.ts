import { afterEach, expect, test } from '@jest/globals';
import { FaultError } from '../../../src/domain/fault.ts';
import { minutes, seconds, type Ms } from '../../../src/domain/time.ts';
import type { Gate } from '../../../src/engine/controller.ts';
import { Keeper } from '../../../src/engine/keeper.ts';
import { ManualClock } from '../../doubles/manual-clock.ts';
import { SilentLog } from '../../doubles/silent-log.ts';
import { TallyingTelemetry } from '../../doubles/tallying-telemetry.ts';

let stop: (() => Promise<void>) | undefined;
afterEach(async () => {
  await stop?.();
});

/** A keeper whose task notes when it ran. */
const bench = (task: () => Promise<Ms> = () => Promise.resolve(minutes(1)), gate?: Gate) => {
  const [clock, log, telemetry, ran] = [
    new ManualClock(),
    new SilentLog(),
    new TallyingTelemetry(),
    [] as number[],
  ];
  const keeper = new Keeper({
    name: 'a thing',
    task: () => {
      ran.push(clock.monotonic() / 1000);
      return task();
    },
    ...(gate === undefined ? {} : { gate }),
    clock,
    random: () => 1,
    telemetry,
    log,
  });
  const end = new AbortController();
  const running = keeper.run(end.signal);
  stop = async () => {
    end.abort(new Error('test ends'));
    await running;
  };
  return { clock, log, telemetry, ran, keeper };
};

test('it looks at once, and again when its time has come', async () => {
  const { clock, ran } = bench();
  await clock.pass(seconds(125));
  expect(ran).toEqual([0, 60, 120]);
});

test('a poke is a look at once, and the time counts from there', async () => {
  const { clock, keeper, ran } = bench();
  await clock.pass(seconds(10));
  keeper.poke();
  await clock.pass(seconds(65));
  expect(ran).toEqual([0, 10, 70]);
});

test('pokes during a look are one more look', async () => {
  const first = Promise.withResolvers<Ms>();
  const { clock, keeper, ran } = bench(() =>
    ran.length === 1 ? first.promise : Promise.resolve(minutes(1)),
  );
  await clock.pass(seconds(1));
  keeper.poke();
  keeper.poke();
  first.resolve(minutes(1));
  await clock.pass(seconds(1));
  expect(ran).toEqual([0, 1]);
});

test('what fails is tried again with backoff, pokes or not, and told', async () => {
  const away = new FaultError({ code: 'api_unavailable', message: 'The API server is away.' });
  const { clock, keeper, ran, log, telemetry } = bench(() => Promise.reject(away));
  await clock.pass(seconds(0.5));
  keeper.poke();
  await clock.pass(seconds(7.5));
  expect(ran).toEqual([0, 1, 3, 7]);
  expect(log.lines[0]).toMatchObject({
    level: 'warn',
    fields: { fault: 'api_unavailable', resource: 'a thing' },
  });
  expect(telemetry.valueOf('hpa_bridge_faults_total', { code: 'api_unavailable' })).toBe(4);
});

test('a mistake of ours is told with its stack, and does not end it', async () => {
  const { clock, ran, log } = bench(() => Promise.reject(new TypeError('broken')));
  await clock.pass(seconds(1.5));
  expect(ran).toEqual([0, 1]);
  expect(log.lines[0]).toMatchObject({ level: 'error', fields: { cause: expect.any(TypeError) as unknown } });
});

test('behind a closed gate nothing is done', async () => {
  const opening = Promise.withResolvers<undefined>();
  let open = false;
  const { clock, ran } = bench(undefined, {
    isOpen: () => open,
    untilOpen: (signal) =>
      open
        ? Promise.resolve()
        : Promise.race([
            opening.promise,
            new Promise<void>((done) => signal.addEventListener('abort', () => done())),
          ]),
  });
  await clock.pass(minutes(5));
  expect(ran).toEqual([]);
  open = true;
  opening.resolve(undefined);
  await clock.pass(seconds(1));
  expect(ran).toEqual([300]);
});
