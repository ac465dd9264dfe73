import { createHash } from 'node:crypto';
import type { BridgeEvent } from './event.ts';
import type { JsonObject } from './json.ts';
import { keyOfMeta, type Meta } from './k8s/meta.ts';
import type { Secret } from './k8s/read/secret.ts';
import { apiVersionOf, RESOURCES } from './k8s/resources.ts';
import { seconds, since, type Instant, type Ms } from './time.ts';

/** The texts of a certificate in a Secret: PEM. */
export interface Material {
  /** The CA's certificates; the newest first. */
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

export interface CertificateFacts {
  readonly notBefore: Instant;
  readonly notAfter: Instant;
}

/** What the Secret holds, and who put it there. */
export type Kept =
  | { readonly is: 'absent' }
  /** Waits to be filled by us. */
  | { readonly is: 'empty' }
  /** By us: renewed in time. */
  | { readonly is: 'made'; readonly material: Material }
  /** By somebody else: used, and never written. */
  | { readonly is: 'given'; readonly material: Material };

const CA = 'ca.crt';
const CERT = 'tls.crt';
const KEY = 'tls.key';
/** Says of a certificate that we made it, by its hash: a Secret in which somebody put another one is theirs from then on. */
const MADE = 'hpa-bridge.dev/made';

const DAY = 86_400;
/** How long a certificate of ours is good, and how long before its end it is replaced. */
export const LIFETIME: Ms = seconds(90 * DAY);
const RENEWED_BEFORE: Ms = seconds(30 * DAY);
/** Clocks of other machines may be behind ours. */
export const BACKDATED: Ms = seconds(3600);

const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 32);

/** Reads the Secret. Without `ca.crt`, the certificate has to vouch for itself. */
export function keptIn(secret: Secret | undefined): Kept {
  if (secret === undefined) return { is: 'absent' };
  const { [CA]: ca = '', [CERT]: cert = '', [KEY]: key = '' } = secret.data;
  if (cert.trim() === '' && key.trim() === '') return { is: 'empty' };
  const is = secret.metadata.annotations[MADE] === hashOf(cert) ? 'made' : 'given';
  return { is, material: { ca: ca.trim() === '' ? cert : ca, cert, key } };
}

/** Whether a certificate of ours is to be made: there is none, or it is broken (`facts` undefined), or its end is near. */
export function isDue(kept: Kept, facts: CertificateFacts | undefined, now: Instant): boolean {
  if (kept.is === 'empty') return true;
  return kept.is === 'made' && (facts === undefined || since(now, facts.notAfter) < RENEWED_BEFORE);
}

/** How cert-manager's injector is told whose authorities belong into an object (cert-manager: pkg/apis/certmanager/v1/types.go). */
const INJECTED = ['ca-from', 'ca-from-secret', 'apiserver-ca'].map(
  (what) => `cert-manager.io/inject-${what}`,
);

/** Whether cert-manager keeps the bundle of the object. It writes with force: two who both insist would write without end. */
export const isInjected = ({ metadata }: { readonly metadata: Pick<Meta, 'annotations'> }): boolean =>
  INJECTED.some((key) => Object.hasOwn(metadata.annotations, key));

const BLOCK = /-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g;

/** All certificates of these texts (PEM), each once. */
export const joinBundles = (...bundles: readonly string[]): string =>
  [...new Set(bundles.flatMap((bundle) => bundle.match(BLOCK) ?? []))].map((block) => `${block}\n`).join('');

/** The merge patch that puts a certificate of ours into the Secret, locked by its version. */
export const secretPatch = ({ metadata }: Secret, { ca, cert, key }: Material): JsonObject => ({
  metadata: { resourceVersion: metadata.resourceVersion, annotations: { [MADE]: hashOf(cert) } },
  stringData: { [CA]: ca, [CERT]: cert, [KEY]: key },
});

/** PEM from base64, as API servers keep bundles; empty where it is no base64. */
export function pemIn(base64: string): string {
  try {
    return atob(base64);
  } catch {
    return '';
  }
}

/** What the Secret holds cannot be served. */
export const certificateUnusable = ({ metadata }: Secret, sentence: string): BridgeEvent => ({
  about: {
    apiVersion: apiVersionOf(RESOURCES.Secret),
    kind: 'Secret',
    key: keyOfMeta(metadata),
    uid: metadata.uid,
  },
  type: 'Warning',
  reason: 'InvalidCertificate',
  message: sentence,
  sameAs: [sentence],
});
