import { ms, type Ms } from '../../../domain/time.ts';
import { nextTick } from '../../../engine/ticks.ts';
import type { Question } from './question.ts';

/** Questions that fall due together, and the interval within which they are answered best. */
export interface Due {
  readonly at: Ms;
  readonly questions: readonly Question[];
  /** The shortest interval among them; 0 when somebody waits for a first answer. */
  readonly interval: Ms;
}

interface Slot {
  due: Ms;
  /** And for how many keys. */
  readonly questions: Map<Question, number>;
}

/**
 * When the questions to one server fall due. Those of one interval do so at the same ticks, which those of its multiples share: only what
 * is due together can be asked together. The phase is the server's own, so that servers and replicas are not asked in step.
 */
export class Schedule {
  readonly #phase: Ms;
  readonly #slots = new Map<Ms, Slot>();
  readonly #soon = new Set<Question>();
  #soonAt = ms(0);

  constructor(phase: Ms) {
    this.#phase = phase;
  }

  /** Counts one more key that wants the question's answer every `interval`. */
  add(question: Question, interval: Ms, now: Ms): void {
    const slot = this.#slots.get(interval) ?? {
      due: nextTick(this.#phase, interval, now),
      questions: new Map<Question, number>(),
    };
    this.#slots.set(interval, slot);
    slot.questions.set(question, (slot.questions.get(question) ?? 0) + 1);
  }

  remove(question: Question, interval: Ms): void {
    const slot = this.#slots.get(interval);
    const keys = slot?.questions.get(question) ?? 0;
    if (keys > 1) slot?.questions.set(question, keys - 1);
    else slot?.questions.delete(question);
    if (slot?.questions.size === 0) this.#slots.delete(interval);
  }

  /** Nobody wants it any more. */
  forget(question: Question): void {
    this.#soon.delete(question);
  }

  /** The question falls due at `at`, or with others that do so earlier. */
  hasten(question: Question, at: Ms): void {
    if (this.#soon.size === 0) this.#soonAt = at;
    this.#soon.add(question);
  }

  /** When the next one falls due; undefined while there is none. */
  next(): Ms | undefined {
    let next = this.#soon.size > 0 ? this.#soonAt : undefined;
    for (const { due } of this.#slots.values()) if (next === undefined || due < next) next = due;
    return next;
  }

  /** Takes what is due and not in flight. */
  take(now: Ms): Due {
    const due = new Set<Question>();
    let at = now;
    for (const [length, slot] of this.#slots) {
      if (slot.due > now) continue;
      at = ms(Math.min(at, slot.due));
      for (const question of slot.questions.keys()) due.add(question);
      slot.due = nextTick(this.#phase, length, now);
    }
    const hastened = this.#soon.size > 0 && this.#soonAt <= now;
    if (hastened) {
      at = ms(Math.min(at, this.#soonAt));
      for (const question of this.#soon) due.add(question);
      this.#soon.clear();
    }
    const questions = [...due].filter(({ inFlight }) => !inFlight);
    return { at, questions, interval: hastened ? ms(0) : this.#shortestOf(questions) };
  }

  /** The shortest interval of any of them, be it due or not: none may be late for its next tick. */
  #shortestOf(questions: readonly Question[]): Ms {
    let shortest = Infinity;
    for (const [length, slot] of this.#slots)
      if (length < shortest && questions.some((question) => slot.questions.has(question))) shortest = length;
    return ms(shortest);
  }
}
