import type { Mistake } from '../annotation/mistake.ts';

/** A piece of the ScaledObject and what is wrong with it. Where something is refused the value is of no use. */
export interface Part<T> {
  readonly value: T;
  readonly mistakes: readonly Mistake[];
}

export const part = <T>(value: T, mistakes: readonly Mistake[] = []): Part<T> => ({ value, mistakes });

/** A refusal: `key` followed by what is wrong and what would be right. */
export const refused = (key: string, clause: string): Mistake => ({
  effect: 'refused',
  key,
  message: `${key} ${clause}.`,
});

/** Something odd that does not stop anything. */
export const used = (key: string, clause: string): Mistake => ({
  effect: 'used',
  key,
  message: `${key} ${clause}.`,
});

/** Something that may be meant otherwise. */
export const advised = (key: string, clause: string): Mistake => ({
  effect: 'advice',
  key,
  message: `${key} ${clause}.`,
});

/** Something without effect that does not stop the rest. */
export const ignored = (key: string, clause: string): Mistake => ({
  effect: 'ignored',
  key,
  message: `${key} ${clause}.`,
});

/** True when a mistake is among them from which nothing can be built. */
export const isRefused = (mistakes: readonly Mistake[]): boolean =>
  mistakes.some(({ effect }) => effect === 'refused');
