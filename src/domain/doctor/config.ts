import { CONFIG_MAPS } from '../config/config-maps.ts';
import { LIVE_DEFAULTS } from '../config/live.ts';
import { knativeVersion } from './cluster.ts';
import type { Facts } from './facts.ts';
import { fail, fine, unseen, warn, type Finding } from './finding.ts';

type Data = Readonly<Record<string, string>>;

/** Knative's own, read for its one key alone. */
export const OBSERVABILITY = 'config-observability';
const PROTOCOL = 'metrics-protocol';

export const judgeConfigMaps = (facts: Facts): readonly Finding[] => {
  const found = facts.configMaps.flatMap(({ name, seen }) => {
    if (!seen.ok) return [unseen(`The ConfigMap ${name}`, seen.error)];
    if (name === OBSERVABILITY) return judgeObservability(facts, seen.value ?? {});
    return judgeConfigMap(`${facts.systemNamespace}/${name}`, name, seen.value);
  });
  const names = facts.configMaps.map(({ name }) => name).join(', ');
  return found.length === 0 ? [fine(`Nothing is wrong in ${names}.`)] : found;
};

function judgeConfigMap(place: string, name: string, data: Data | undefined): readonly Finding[] {
  const row = CONFIG_MAPS[name];
  if (row === undefined || data === undefined) return [];
  const taken = row.take(LIVE_DEFAULTS, data);
  return [
    ...(taken.ok
      ? []
      : [
          fail(
            `The ConfigMap ${place} is refused, and the last good one counts: ${taken.error}`,
            'Mend that key; a good version counts within seconds.',
          ),
        ]),
    ...row.unknown(data).map((sentence) => warn(sentence, `Mend the key in the ConfigMap ${place}.`)),
  ];
}

/** From 1.19 on metrics are told over no protocol unless one is named (pkg: observability/metrics/config.go). */
function judgeObservability(facts: Facts, data: Data): readonly Finding[] {
  const [, major = '0', minor = '0'] = /^v?(\d+)\.(\d+)/.exec(knativeVersion(facts)) ?? [];
  const isNamed = (data[PROTOCOL] ?? 'none') !== 'none';
  if (isNamed || Number(major) * 1000 + Number(minor) < 1019) return [];
  return [
    warn(
      `Knative tells no metrics of revisions: ${PROTOCOL} of ${OBSERVABILITY} is none, so that queries over kn_ series find nothing.`,
      `kubectl --namespace ${facts.systemNamespace} patch configmap ${OBSERVABILITY} --type merge --patch '{"data":{"${PROTOCOL}":"prometheus"}}'`,
    ),
  ];
}
