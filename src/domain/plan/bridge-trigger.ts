import type { Mistake } from '../annotation/mistake.ts';
import type { Settings } from '../annotation/settings.ts';
import { keyOfSetting, type Setting } from '../annotation/table.ts';
import type { LiveConfig } from '../config/live.ts';
import type { Trigger } from '../k8s/write/scaled-object.ts';
import { serverOf } from '../prometheus/choose-server.ts';
import type { Intent, Signal } from './intent.ts';
import { ignored, part, type Part } from './scaled-object-part.ts';
import { metricTypeOf, nameOfTrigger, targetText } from './scaled-object-target.ts';

/**
 * The trigger by which KEDA asks us for the value (KEDA: pkg/scalers/external_scaler.go). The target is ours to tell, too; it stands in the
 * metadata for a KEDA before 2.21, which asks for it again only when the ScaledObject changes.
 */
export function bridgeTrigger(
  { settings, config }: Intent,
  { target }: Extract<Signal, { from: 'query' }>,
): Part<Trigger> {
  const metricType = metricTypeOf('query', settings);
  const text = targetText('query', metricType.value, target);
  const server = serverOf(settings, config);
  const { tls, authentication } = securityOf(config.bridge);
  const trigger: Trigger = {
    type: 'external-push',
    ...nameOfTrigger(settings),
    metadata: { scalerAddress: config.bridge.kedaScalerAddress, ...tls, target: text.value },
    metricType: metricType.value,
    ...authentication,
  };
  return part(trigger, [
    ...metricType.mistakes,
    ...text.mistakes,
    ...(server.ok
      ? []
      : [{ effect: 'refused', key: keyOfSetting('prometheusAddress'), message: server.error } as const]),
    ...withoutEffect(settings),
  ]);
}

/** KEDA takes what TLS needs from a TriggerAuthentication only; one for the whole cluster serves every namespace. */
const securityOf = ({
  kedaScalerAuthentication: name,
}: LiveConfig['bridge']): {
  readonly tls: Readonly<Record<string, string>>;
  readonly authentication: Pick<Trigger, 'authenticationRef'>;
} =>
  name === ''
    ? { tls: {}, authentication: {} }
    : {
        tls: { enableTLS: 'true' },
        authentication: { authenticationRef: { name, kind: 'ClusterTriggerAuthentication' } },
      };

/** How KEDA would identify itself to Prometheus. */
const KEDA_AT_PROMETHEUS = [
  'triggerPrometheusAuthName',
  'triggerPrometheusAuthKind',
  'triggerPrometheusAuthModes',
] as const satisfies readonly Setting[];

const withoutEffect = (settings: Settings): readonly Mistake[] =>
  KEDA_AT_PROMETHEUS.filter((setting) => settings[setting] !== undefined).map((setting) =>
    ignored(
      keyOfSetting(setting),
      `has no effect, because KEDA asks hpa-bridge and not Prometheus: expected no such annotation, or ${keyOfSetting('kedaTrigger')} to be "prometheus"`,
    ),
  );
