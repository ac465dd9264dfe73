import type { Answer, Question, SeriesAnswer } from '../domain/prometheus/answer.ts';

/** One Prometheus server, or what speaks its language. */
export interface MetricSource {
  /**
   * Asks for one number. Every failure is a reading of the answer; it rejects only with the signal's reason, when that aborts.
   * An answer comes within the timeout of the server.
   */
  ask(question: Question, signal: AbortSignal): Promise<Answer>;
  /** The same, for all the series of the answer: of a request in which several questions are put together. */
  askSeries(question: Question, signal: AbortSignal): Promise<SeriesAnswer>;
}
