import type { Answer, Reading } from '../../src/domain/prometheus/answer.ts';
import type { PrometheusFault } from '../../src/domain/prometheus/faults.ts';
import { remember, type History } from '../../src/domain/signal/history.ts';
import type { Standing } from '../../src/domain/signal/ladder.ts';
import type { Policy } from '../../src/domain/signal/policy.ts';
import { minutes, ms, plus, seconds, type Instant } from '../../src/domain/time.ts';
import { NOW } from './world.ts';

/** What holds without annotations and ConfigMaps. */
export const policyWith = (changed: Partial<Policy> = {}): Policy => ({
  interval: seconds(15),
  timeout: seconds(10),
  window: minutes(1),
  staleAfter: minutes(5),
  fallback: 'auto',
  fallbackReplicas: undefined,
  zeroFor: 'nothing',
  ...changed,
});

/** Four replicas with 10 for each, all of them ready. */
export const standingWith = (
  changed: Partial<Omit<Standing, 'policy'>> & { readonly policy?: Partial<Policy> } = {},
): Standing => ({
  target: { target: 10, metricType: 'AverageValue' },
  replicas: 4,
  readyPods: changed.replicas ?? 4,
  concurrency: undefined,
  ...changed,
  policy: policyWith(changed.policy),
});

export const after = (wait: number): Instant => plus(NOW, seconds(wait));

/** A number, as Prometheus gives it for a moment. */
export const numberAt = (number: number, at: Instant): Reading => ({
  is: 'vector',
  number,
  at,
  warnings: [],
});

export const failure = (is: PrometheusFault = 'prometheus_refused', message = 'No.'): Reading => ({
  is,
  message,
});

/** An answer that is complete at once. */
export const answerOf = (reading: Reading, receivedAt: Instant, server = 'main'): Answer => ({
  reading,
  server,
  receivedAt,
  took: ms(0),
  obtained: 'alone',
  raw: undefined,
});

/** A number, or why there is none, so many seconds after `NOW`. */
export type Said = readonly [at: number, said: number | PrometheusFault];

/** What is remembered of these answers. */
export const historyOf = (said: readonly Said[], policy: Policy = policyWith()): History | undefined =>
  said.reduce<History | undefined>((before, [at, what]) => {
    const reading = typeof what === 'number' ? numberAt(what, after(at)) : failure(what);
    return remember(before, answerOf(reading, after(at)), policy);
  }, undefined);

/** The number every 15 s, from and to (included) so many seconds after `NOW`. */
export const steadily = (number: number, from: number, to: number): readonly Said[] =>
  Array.from({ length: Math.floor((to - from) / 15) + 1 }, (_, i) => [from + i * 15, number] as const);
