import type { BridgeEvent, EventSubject } from '../event.ts';
import { keyOfMeta, type HasMeta } from '../k8s/meta.ts';
import { apiVersionOf, RESOURCES } from '../k8s/resources.ts';
import { claimSentence, type Claim } from './claim.ts';

const subject = (kind: 'APIService' | 'Secret', { metadata }: HasMeta): EventSubject => ({
  apiVersion: apiVersionOf(RESOURCES[kind]),
  kind,
  key: keyOfMeta(metadata),
  uid: metadata.uid,
});

/** Who answers for external metrics has changed, or has been seen for the first time. */
export const claimSeen = (about: HasMeta, claim: Claim): BridgeEvent => ({
  about: subject('APIService', about),
  type: 'Normal',
  reason: claim.state === 'ours' ? 'ExternalMetricsClaimed' : 'ExternalMetricsForeign',
  message: claimSentence(claim),
  sameAs: [claim.state, claim.state === 'foreign' ? claim.owner : ''],
});

/** What the Secret holds cannot be served. */
export const certificateUnusable = (about: HasMeta, sentence: string): BridgeEvent => ({
  about: subject('Secret', about),
  type: 'Warning',
  reason: 'InvalidCertificate',
  message: sentence,
  sameAs: [sentence],
});
