import type { BridgeEvent, EventSubject } from '../event.ts';
import { keyOfMeta } from '../k8s/meta.ts';
import type { ConfigMap } from '../k8s/read/config-map.ts';

const subjectOf = ({ metadata }: ConfigMap): EventSubject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  key: keyOfMeta(metadata),
  uid: metadata.uid,
});

/** A bad version: what was in force stays, which is the defaults where there was no good version yet. */
export const configRefused = (
  configMap: ConfigMap,
  error: string,
  inForce: 'the last good one' | 'the default values',
): BridgeEvent => ({
  about: subjectOf(configMap),
  type: 'Warning',
  reason: 'InvalidConfig',
  message: `This version is refused and ${inForce} ${inForce === 'the default values' ? 'stay' : 'stays'} in force: ${error}`,
  sameAs: [error, inForce],
});

/** A key that nothing reads is most often misspelt. */
export const configUnknownKey = (configMap: ConfigMap, sentence: string): BridgeEvent => ({
  about: subjectOf(configMap),
  type: 'Normal',
  reason: 'UnknownKey',
  message: sentence,
  sameAs: [sentence],
});
