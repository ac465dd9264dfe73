import { keyOfSetting } from '../annotation/table.ts';
import { decimalText } from '../k8s/decimal.ts';
import type { Trigger } from '../k8s/write/scaled-object.ts';
import type { Intent, Signal } from './intent.ts';
import { prometheusAddressOf } from './prometheus-address.ts';
import { triggerAuthOf } from './scaled-object-auth.ts';
import { kedasAnswers } from './scaled-object-outage.ts';
import { part, refused, type Part } from './scaled-object-part.ts';
import { metricTypeOf, nameOfTrigger, targetText } from './scaled-object-target.ts';

/** The trigger by which KEDA asks Prometheus itself (autoscaler-keda: resources/keda.go). */
export function prometheusTrigger(
  intent: Intent,
  { query, target }: Extract<Signal, { from: 'query' }>,
): Part<Trigger> {
  const { pa, settings, config } = intent;
  const answers = kedasAnswers(intent);
  const metricType = metricTypeOf('query', settings);
  const threshold = targetText('query', metricType.value, target);
  const address = prometheusAddressOf(settings.prometheusAddress, config);
  const auth = triggerAuthOf(settings);
  const trigger: Trigger = {
    type: 'prometheus',
    ...nameOfTrigger(settings),
    metadata: {
      serverAddress: address.ok ? address.value : '',
      query,
      threshold: threshold.value,
      namespace: pa.metadata.namespace,
      ...(settings.activationThreshold === undefined
        ? {}
        : { activationThreshold: decimalText(settings.activationThreshold) }),
      ...answers.metadata,
      ...(auth.value === undefined ? {} : { authModes: auth.value.modes }),
    },
    metricType: metricType.value,
    ...answers.trigger,
    ...(auth.value === undefined ? {} : { authenticationRef: auth.value.ref }),
  };
  return part(trigger, [
    ...metricType.mistakes,
    ...threshold.mistakes,
    ...(query.trim() === '' ? [refused(keyOfSetting('prometheusQuery'), 'is empty: expected PromQL')] : []),
    ...(address.ok
      ? []
      : [{ effect: 'refused', key: keyOfSetting('prometheusAddress'), message: address.error } as const]),
    ...auth.mistakes,
  ]);
}
