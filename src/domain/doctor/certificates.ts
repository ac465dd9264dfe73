import { seconds, since, type Instant } from '../time.ts';
import type { CertificateSeen, Facts } from './facts.ts';
import { fail, fine, unseen, warn, type Finding } from './finding.ts';

const DAY = seconds(86_400);
/** A certificate of ours is renewed 30 days before its end. */
const SOON = 28;

export function judgeCertificate(facts: Facts): readonly Finding[] {
  const { certificate, apiService, at, secretName, systemNamespace } = facts;
  const place = `Secret ${systemNamespace}/${secretName}`;
  if (!certificate.ok) return [unseen(`The ${place}`, certificate.error)];
  const isNeeded = apiService.ok && apiService.value.claim.state === 'ours';
  return [
    held(certificate.value, { place, at, manifest: 'config/external-metrics.yaml', isNeeded, bad: fail }),
  ];
}

export function judgeWebhook(facts: Facts): readonly Finding[] {
  const { webhook, webhookSecret, systemNamespace, at } = facts;
  if (!webhook.ok) return [unseen('The ValidatingWebhookConfiguration hpa-bridge', webhook.error)];
  if (webhook.value === undefined)
    return [fine('No webhook is installed: mistakes are told once an object is stored.')];
  const { isOurs, isStrict, certificate, distrust } = webhook.value;
  // Nobody waits for a webhook that is ignored.
  const bad = isStrict ? fail : warn;
  const costs = isStrict ? 'nothing of Knative can be applied' : 'nothing is told when an object is applied';
  if (!isOurs)
    return [
      bad(
        `The ValidatingWebhookConfiguration hpa-bridge leads to another Service: ${costs}.`,
        'Apply config/webhook.yaml with the namespace of hpa-bridge, or install the chart again.',
      ),
    ];
  const place = `Secret ${systemNamespace}/${webhookSecret}`;
  const found = held(certificate, { place, at, manifest: 'config/webhook.yaml', isNeeded: true, bad });
  return distrust === undefined
    ? [found]
    : [
        found,
        bad(
          `The API server does not trust the webhook: ${costs}. Its caBundle holds no CA that signed the certificate in the ${place}.`,
          'hpa-bridge, or cert-manager\u2019s injector, puts ca.crt there: look at the log of whoever does, and at who owns the field (kubectl get validatingwebhookconfiguration hpa-bridge --show-managed-fields --output yaml).',
        ),
      ];
}

interface Wanted {
  readonly place: string;
  readonly at: Instant;
  /** Which has the Secret. */
  readonly manifest: string;
  readonly isNeeded: boolean;
  /** How bad it is where it cannot be served. */
  readonly bad: typeof fail;
}

function held({ is, facts: read }: CertificateSeen, { place, at, manifest, isNeeded, bad }: Wanted): Finding {
  const advice = adviceOn(is, manifest);
  if (read === undefined) {
    const says = `The ${place} ${is === 'absent' ? 'is not there' : 'is empty'}`;
    return isNeeded ? bad(`${says}.`, advice) : fine(`${says}: nobody needs a certificate there.`);
  }
  if (!read.ok) return bad(`The ${place} holds no certificate that can be served: ${read.error}`, advice);
  const days = Math.floor(since(at, read.value.notAfter) / DAY);
  if (days < 0) return bad(`The certificate in the ${place} has ended.`, advice);
  const left = `The certificate in the ${place} is good for ${days} more ${days === 1 ? 'day' : 'days'}.`;
  return days < SOON ? warn(left, advice) : fine(left);
}

const adviceOn = (is: CertificateSeen['is'], manifest: string): string =>
  ({
    absent: `Apply ${manifest}, which has the Secret, or look at who is to fill it.`,
    empty: 'hpa-bridge fills it while it leads: look at its log.',
    made: 'hpa-bridge renews it 30 days before its end: look at its log.',
    given: 'Renew it where it comes from, or empty the Secret, and hpa-bridge fills it.',
  })[is];
