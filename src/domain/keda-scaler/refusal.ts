/**
 * Why KEDA gets no answer. For KEDA every one of them is an error of the trigger, and it leaves the scale as it is.
 * `INVALID_ARGUMENT`: the question itself is wrong. `NOT_FOUND`: nothing of that name is measured here. `UNAVAILABLE`: there is no value
 * now. `RESOURCE_EXHAUSTED`: as many streams are open as may be. `INTERNAL`: a mistake of ours.
 */
export const REFUSAL_CODES = [
  'INVALID_ARGUMENT',
  'NOT_FOUND',
  'UNAVAILABLE',
  'RESOURCE_EXHAUSTED',
  'INTERNAL',
] as const;

/** Status codes of gRPC, by name. */
export type RefusalCode = (typeof REFUSAL_CODES)[number];

export interface Refusal {
  readonly code: RefusalCode;
  /** One sentence. Never a secret: KEDA puts it into its log and into events of the ScaledObject. */
  readonly message: string;
}
