import { describe, expect, test } from '@jest/globals';
import { ms, seconds } from '../../../src/domain/time.ts';
import { CircuitBreaker } from '../../../src/engine/circuit-breaker.ts';

const made = (): CircuitBreaker =>
  new CircuitBreaker({ failures: 3, open: { base: seconds(10), max: seconds(25) }, random: () => 0.999_999 });

/** Opened at 0 by three failures: closed for about 10 s. */
const opened = (): CircuitBreaker => {
  const breaker = made();
  for (let failure = 0; failure < 3; failure++) breaker.failed(ms(0));
  return breaker;
};

describe('a circuit breaker', () => {
  test('opens after failures in a row, and a success in between begins anew', () => {
    const breaker = made();
    breaker.failed(ms(0));
    breaker.failed(ms(0));
    breaker.succeeded();
    breaker.failed(ms(0));
    breaker.failed(ms(0));
    expect([breaker.state, breaker.admits(ms(0))]).toEqual(['closed', true]);
    breaker.failed(ms(0));
    expect([breaker.state, breaker.admits(ms(0))]).toEqual(['open', false]);
  });

  test('lets one through when it was open for a while, and nobody else until that one is back', () => {
    const breaker = opened();
    expect(breaker.admits(seconds(9))).toBe(false);
    expect(breaker.admits(seconds(10))).toBe(true);
    expect([breaker.state, breaker.admits(seconds(11))]).toEqual(['half-open', false]);
    breaker.succeeded();
    expect([breaker.state, breaker.admits(seconds(11))]).toEqual(['closed', true]);
  });

  test('stays open for longer after each trial that fails, up to a limit', () => {
    const breaker = opened();
    const waits: number[] = [];
    for (let now = 0; waits.length < 4;) {
      const before = now;
      while (!breaker.admits(ms(now))) now += 1000;
      waits.push(now - before);
      breaker.failed(ms(now));
    }
    expect(waits).toEqual([10_000, 20_000, 25_000, 25_000]);
  });

  test('failures of calls from before it opened do not keep it open', () => {
    const breaker = opened();
    breaker.failed(seconds(9));
    expect(breaker.admits(seconds(10))).toBe(true);
  });

  test('opens at once for as long as the other side says', () => {
    const breaker = made();
    breaker.failed(ms(0), seconds(60));
    expect([breaker.state, breaker.admits(seconds(59))]).toEqual(['open', false]);
    breaker.failed(seconds(1), seconds(10));
    expect(breaker.admits(seconds(59))).toBe(false);
    expect(breaker.admits(seconds(60))).toBe(true);
  });
});
