import type { Answer, Question } from '../domain/prometheus/answer.ts';

/** One Prometheus server, or what speaks its language. */
export interface MetricSource {
  /**
   * Asks for one number. Every failure is a reading of the answer; it rejects only with the signal's reason, when that aborts.
   * An answer comes within the timeout of the server.
   */
  ask(question: Question, signal: AbortSignal): Promise<Answer>;
}
