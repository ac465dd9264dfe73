import type { BridgeEvent, EventSubject } from '../event.ts';
import { keyOfMeta } from '../k8s/meta.ts';
import type { ConfigMap } from '../k8s/read/config-map.ts';

const subjectOf = ({ metadata }: ConfigMap): EventSubject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  key: keyOfMeta(metadata),
  uid: metadata.uid,
});

/** A bad edit: what was in force stays. */
export const configRefused = (configMap: ConfigMap, error: string): BridgeEvent => ({
  about: subjectOf(configMap),
  type: 'Warning',
  reason: 'InvalidConfig',
  message: `This version is refused and the last good one stays in force: ${error}`,
  sameAs: [error],
});

/** A key that nothing reads is most often misspelt. */
export const configUnknownKey = (configMap: ConfigMap, sentence: string): BridgeEvent => ({
  about: subjectOf(configMap),
  type: 'Normal',
  reason: 'UnknownKey',
  message: sentence,
  sameAs: [sentence],
});
