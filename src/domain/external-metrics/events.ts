import type { BridgeEvent, EventSubject } from '../event.ts';
import { keyOfMeta, type HasMeta } from '../k8s/meta.ts';
import { apiVersionOf, RESOURCES } from '../k8s/resources.ts';
import { claimSentence, type Claim } from './claim.ts';

const subject = ({ metadata }: HasMeta): EventSubject => ({
  apiVersion: apiVersionOf(RESOURCES.APIService),
  kind: 'APIService',
  key: keyOfMeta(metadata),
  uid: metadata.uid,
});

/** Who answers for external metrics has changed, or has been seen for the first time. */
export const claimSeen = (about: HasMeta, claim: Claim): BridgeEvent => ({
  about: subject(about),
  type: 'Normal',
  reason: claim.state === 'ours' ? 'ExternalMetricsClaimed' : 'ExternalMetricsForeign',
  message: claimSentence(claim),
  sameAs: [claim.state, claim.state === 'foreign' ? claim.owner : ''],
});

/** Somebody else writes into what is ours, again and again. */
export const claimContested = (about: HasMeta): BridgeEvent => ({
  about: subject(about),
  type: 'Warning',
  reason: 'ExternalMetricsContested',
  message: `Another program keeps changing ${about.metadata.name}, which names the Service of hpa-bridge: expected one program to have it. KEDA's operator does this wherever it runs; either delete this APIService, for KEDA to make its own, or remove KEDA.`,
  sameAs: [],
});
