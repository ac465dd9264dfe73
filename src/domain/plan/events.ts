import type { BridgeEvent, EventSubject } from '../event.ts';
import type { Mistake } from '../annotation/mistake.ts';
import type { PodAutoscaler } from '../k8s/read/pod-autoscaler.ts';
import type { Because } from '../k8s/conditions.ts';
import { keyOfMeta } from '../k8s/meta.ts';
import { apiVersionOf, RESOURCES } from '../k8s/resources.ts';
import type { ChildKind } from './world.ts';

const aboutPa = ({ metadata }: PodAutoscaler): EventSubject => ({
  apiVersion: apiVersionOf(RESOURCES.PodAutoscaler),
  kind: RESOURCES.PodAutoscaler.kind,
  key: keyOfMeta(metadata),
  uid: metadata.uid,
});

const REASONS = {
  ignored: 'IgnoredAnnotation',
  used: 'UnusualAnnotation',
  advice: 'AnnotationAdvice',
  refused: 'InvalidAnnotation',
  unknown: 'UnknownAnnotation',
} as const satisfies Record<Mistake['effect'], string>;

/** The word for a mistake of this effect, in events and in the condition `AnnotationsValid`. */
export const mistakeReason = (effect: Mistake['effect']): string => REASONS[effect];

/** What is said of a mistake, with a full stop. */
export const sentenceOf = ({ message }: Mistake): string => (/[.?]$/.test(message) ? message : `${message}.`);

/** The user wrote an annotation that does not do what it seems to say. */
export const annotationMistaken = (pa: PodAutoscaler, mistake: Mistake): BridgeEvent => ({
  about: aboutPa(pa),
  type: mistake.effect === 'unknown' ? 'Normal' : 'Warning',
  reason: mistakeReason(mistake.effect),
  message: sentenceOf(mistake),
  sameAs: [mistake.key, mistake.message],
});

/** An object of the name that we need belongs to somebody else. */
export const childNotOwned = (pa: PodAutoscaler, kind: ChildKind, message: string): BridgeEvent => ({
  about: aboutPa(pa),
  type: 'Warning',
  reason: 'NotOwned',
  message,
  sameAs: [kind],
});

/** The API server refused to create a child. */
export const childCreationFailed = (pa: PodAutoscaler, kind: ChildKind, message: string): BridgeEvent => ({
  about: aboutPa(pa),
  type: 'Warning',
  reason: 'FailedCreate',
  message,
  sameAs: [kind],
});

/** The API server refused to change a child that exists; it stays as it is. */
export const childUpdateFailed = (pa: PodAutoscaler, kind: ChildKind, message: string): BridgeEvent => ({
  about: aboutPa(pa),
  type: 'Warning',
  reason: 'FailedUpdate',
  message,
  sameAs: [kind],
});

/** The API server refused to scale the Deployment; it stays as it is. */
export const scalingFailed = (pa: PodAutoscaler, message: string): BridgeEvent => ({
  about: aboutPa(pa),
  type: 'Warning',
  reason: 'FailedUpdate',
  message,
  sameAs: ['Deployment'],
});

/** What a revision is scaled by has no value. `detail`: what Prometheus, or the pods, said about it just now. */
export const signalLost = (
  pa: PodAutoscaler,
  { reason, message }: Because,
  detail: string | undefined,
): BridgeEvent => ({
  about: aboutPa(pa),
  type: 'Warning',
  reason,
  message: detail === undefined ? message : `${message} ${detail}`,
  sameAs: ['SignalAvailable'],
});

/** What the revision is scaled by has a value again. */
export const signalBack = (pa: PodAutoscaler, message: string): BridgeEvent => ({
  about: aboutPa(pa),
  type: 'Normal',
  reason: 'SignalAvailable',
  message,
  sameAs: [],
});

/** Something else counts instead of the query. */
export const fallbackActive = (pa: PodAutoscaler, { reason, message }: Because): BridgeEvent => ({
  about: aboutPa(pa),
  type: 'Warning',
  reason: 'FallbackActive',
  message,
  sameAs: [reason],
});

/** Another number of pods is asked for than there are. One Event for each revision: the newest sentence counts. */
export const podsAskedFor = (pa: PodAutoscaler, sentence: string): BridgeEvent => ({
  about: aboutPa(pa),
  type: 'Normal',
  reason: 'PodsAskedFor',
  message: `${sentence}.`,
  sameAs: [],
});
