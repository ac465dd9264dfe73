import { BRIDGE_KEYS } from '../config/bridge.ts';
import { both } from '../either.ts';
import type { CertificateSeen, Facts } from './facts.ts';
import { fail, fine, unseen, warn, type Finding } from './finding.ts';
import { rightText, type Purpose, type Right } from './rights.ts';

const MANIFEST: Readonly<Record<Purpose, string>> = {
  'external metrics': 'config/external-metrics.yaml and config/role.yaml',
  'the webhook': 'config/webhook.yaml and config/role.yaml',
};

export function judgeRights(facts: Facts): readonly Finding[] {
  const { missingRights, missingOfActivators } = facts;
  if (!missingRights.ok) return [unseen('What the ServiceAccount of hpa-bridge may do', missingRights.error)];
  const missing = missingRights.value.filter((right) => isNeeded(right, facts));
  const always = missing.filter(({ only }) => only === undefined);
  const found: readonly Finding[] = [
    ...(always.length === 0
      ? []
      : [
          fail(
            `The ServiceAccount of hpa-bridge may not ${named(always)}.`,
            'Compare config/cluster-role.yaml and config/role.yaml.',
          ),
        ]),
    ...Object.entries(MANIFEST).flatMap(([purpose, manifest]) => {
      const some = missing.filter(({ only }) => only === purpose);
      if (some.length === 0) return [];
      const says = `The ServiceAccount of hpa-bridge may not ${named(some)}, which is needed for ${purpose}.`;
      return [warn(says, `Compare ${manifest}.`)];
    }),
    ...judgeActivators(missingOfActivators),
  ];
  return found.length === 0 ? [fine('The ServiceAccounts of hpa-bridge may do all that they do.')] : found;
}

function judgeActivators(missing: Facts['missingOfActivators']): readonly Finding[] {
  if (!missing.ok) return [unseen('What the ServiceAccount of activators may do', missing.error)];
  if (missing.value.length === 0) return [];
  const says = `The ServiceAccount of activators may not ${named(missing.value)}.`;
  return [fail(says, 'Compare config/activator.yaml.')];
}

const named = (rights: readonly Right[]): string => both(rights.map(rightText));

/** What is not installed needs no right, and a certificate of somebody else is never written. */
function isNeeded({ kind, verb, name, only }: Right, facts: Facts): boolean {
  const { webhook } = facts;
  if (only === 'the webhook' && webhook.ok && webhook.value === undefined) return false;
  if (only === 'external metrics' && isOff(facts)) return false;
  return kind !== 'Secret' || verb !== 'patch' || certificateIn(name, facts)?.is !== 'given';
}

function certificateIn(secret: string | undefined, facts: Facts): CertificateSeen | undefined {
  const { certificate, webhook, secretName } = facts;
  if (secret === secretName) return certificate.ok ? certificate.value : undefined;
  return webhook.ok ? webhook.value?.certificate : undefined;
}

const isOff = ({ configMaps }: Facts): boolean =>
  configMaps.some(({ seen }) => seen.ok && seen.value?.[BRIDGE_KEYS.externalMetrics.key] === 'off');
