import { describe, expect, test } from '@jest/globals';
import { Semaphore } from '../../../src/engine/semaphore.ts';
import { settled } from '../../doubles/manual-clock.ts';

const never = new AbortController().signal;

/** Tasks that end when they are told to, and who is at work. */
function tasks(semaphore: Semaphore) {
  const working: string[] = [];
  const ends = new Map<string, PromiseWithResolvers<undefined>>();
  const start = (name: string, signal: AbortSignal = never): Promise<string> => {
    const end = Promise.withResolvers<undefined>();
    ends.set(name, end);
    return semaphore.run(async () => {
      working.push(name);
      await end.promise.finally(() => working.splice(working.indexOf(name), 1));
      return name;
    }, signal);
  };
  return { working, start, end: (name: string) => ends.get(name)?.resolve(undefined), ends };
}

describe('a semaphore', () => {
  test('lets so many work at a time, and then who came first', async () => {
    const { working, start, end } = tasks(new Semaphore(2));
    const all = ['a', 'b', 'c', 'd'].map((name) => start(name));
    await settled();
    expect(working).toEqual(['a', 'b']);
    end('b');
    await settled();
    expect(working).toEqual(['a', 'c']);
    for (const name of ['a', 'c', 'd']) end(name);
    expect(await Promise.all(all)).toEqual(['a', 'b', 'c', 'd']);
    expect(working).toEqual([]);
  });

  test('a task that fails makes room', async () => {
    const { working, start, ends } = tasks(new Semaphore(1));
    const first = start('a');
    const second = start('b');
    await settled();
    ends.get('a')?.reject(new Error('failed'));
    await expect(first).rejects.toThrow('failed');
    await settled();
    expect(working).toEqual(['b']);
    ends.get('b')?.resolve(undefined);
    expect(await second).toBe('b');
  });

  test('who gives up while waiting never works, and nobody waits for them', async () => {
    const { working, start, end } = tasks(new Semaphore(1));
    const stop = new AbortController();
    const first = start('a');
    const second = start('b', stop.signal);
    const third = start('c');
    stop.abort(new Error('stopping'));
    await expect(second).rejects.toThrow('stopping');
    end('a');
    await first;
    await settled();
    expect(working).toEqual(['c']);
    end('c');
    await third;
    await expect(start('d', stop.signal)).rejects.toThrow('stopping');
  });
});
