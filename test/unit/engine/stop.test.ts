import { expect, test } from '@jest/globals';
import { ms, seconds } from '../../../src/domain/time.ts';
import { stopInOrder, type StopStep } from '../../../src/engine/stop.ts';
import { ManualClock } from '../../doubles/manual-clock.ts';
import { SilentLog } from '../../doubles/silent-log.ts';

const run = async (make: (clock: ManualClock, ended: string[]) => readonly StopStep[]) => {
  const clock = new ManualClock();
  const ended: string[] = [];
  const stopping = stopInOrder(make(clock, ended), { clock, deadline: seconds(4), log: new SilentLog() });
  await clock.pass(seconds(5));
  return { outcome: await stopping, ended };
};

test('steps end one after the other', async () => {
  const { outcome, ended } = await run((clock, list) => [
    { name: 'workers', stop: () => clock.sleep(ms(50)).then(() => void list.push('workers')) },
    { name: 'lease', stop: () => Promise.resolve(void list.push('lease')), onlyAfterClean: true },
  ]);
  expect(outcome).toEqual({ workers: 'ended', lease: 'ended' });
  expect(ended).toEqual(['workers', 'lease']);
});

test('a step that hangs is told when the time is over; the lease is not given away under it; the rest has its turn', async () => {
  const told: unknown[] = [];
  const { outcome, ended } = await run((_clock, list) => [
    {
      name: 'workers',
      stop: (signal) => new Promise(() => signal.addEventListener('abort', () => told.push(signal.aborted))),
    },
    { name: 'lease', stop: () => Promise.resolve(void list.push('lease')), onlyAfterClean: true },
    { name: 'server', stop: () => Promise.resolve(void list.push('server')) },
  ]);
  expect(outcome).toEqual({ workers: 'failed', lease: 'left out', server: 'ended' });
  expect([told, ended]).toEqual([[true], ['server']]);
});

test('a step that throws does not stop the others', async () => {
  const { outcome } = await run(() => [
    { name: 'one', stop: () => Promise.reject(new Error('broken')) },
    { name: 'two', stop: () => Promise.resolve() },
  ]);
  expect(outcome).toEqual({ one: 'failed', two: 'ended' });
});
