import type { Key } from '../../../domain/key.ts';
import { shapeOf, type Shape } from '../../../domain/query-plan/shape.ts';
import type { Ms } from '../../../domain/time.ts';

/** One query to one server, and who wants to know, how often. */
export class Question {
  readonly query: string;
  readonly intervals = new Map<Key, Ms>();
  /** From when it falls due until it is answered. It does not fall due meanwhile: a slow server is not asked the same twice at a time. */
  inFlight = false;
  #shape: Shape | undefined;

  constructor(query: string) {
    this.query = query;
  }

  /** Read from the text when it is needed for the first time, which takes a while. */
  get shape(): Shape {
    this.#shape ??= shapeOf(this.query);
    return this.#shape;
  }
}
