import type { JsonObject } from '../../../src/domain/json.ts';

/** Keys without a slash are Knative's; null is absent. */
export type Annotations = Readonly<Record<string, string | null>>;

/** The words of conditions and events for what becomes of a value. */
export const WHY = {
  refused: 'InvalidAnnotation',
  ignored: 'IgnoredAnnotation',
  used: 'UnusualAnnotation',
  unknown: 'UnknownAnnotation',
} as const;
export type Effect = keyof typeof WHY;

export interface Case {
  readonly is: string;
  /** What works. */
  readonly base: Annotations;
  /** What is edited into it. */
  readonly wrong: Annotations;
  /** Everything that is said, the gravest first, which also tells what becomes of the objects. */
  readonly says: readonly (readonly [Effect, string])[];
  /** What makes the same objects, if it is not merely the base without what is wrong. */
  readonly sameAs?: Annotations;
  /** What of the scaler's spec shows that a value is used. */
  readonly spec?: JsonObject;
  /** What is copied to the children comes from the PodAutoscaler. */
  readonly onPodAutoscaler?: boolean;
}

export const KEDA: Annotations = {
  query: 'sum(rate(http_requests_total{pod=~"{{ .revisionName }}-.*"}[1m]))',
  target: '5',
};
export const HPA: Annotations = { ...KEDA, 'hpa-bridge.dev/backend': 'hpa' };

export const K = 'autoscaling.knative.dev/';

/** One mistake, said in one sentence that begins with the key. */
export const one = (
  effect: Effect,
  [is, wrong, sentence]: readonly [is: string, wrong: Annotations, sentence: string],
  rest: Partial<Case> = {},
): Case => ({ is, base: KEDA, wrong, says: [[effect, `${K}${sentence}`]], ...rest });
export const refused = (...what: readonly [string, Annotations, string]): Case => one('refused', what);

/** A value of a key that does not parse, and what is expected. */
export const unread = (key: string, text: string, expected: string): Case =>
  one('ignored', [
    `${key} of ${text}`,
    { [key]: text },
    `${key} is "${text}", which has no effect: ${expected}`,
  ]);
