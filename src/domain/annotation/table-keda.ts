import { flag, json, keda, word } from './columns.ts';

/** What autoscaler-keda defines beside Knative's annotations (autoscaler-keda: pkg/reconciler/autoscaling/hpa). */
export const KEDA_ANNOTATIONS = {
  prometheusQuery: keda(['prometheus-query', 'query'], word, {
    fallback: 'derived from the name of the metric',
    example: 'sum(rate(http_requests_total{pod=~"{{ .revisionName }}-.*"}[1m]))',
    doc: 'PromQL that gives one number. `{{ .revisionName }}` and the like are filled in.',
    readBy: ['query'],
  }),
  prometheusAddress: keda(['prometheus-address'], word, {
    fallback: '`autoscaler.keda.prometheus-address` of config-autoscaler-keda',
    example: 'http://prometheus.monitoring.svc:9090',
    doc: 'The Prometheus to ask. The platform owner must have allowed it.',
    readBy: ['query'],
  }),
  metricType: keda(['metric-type'], word, {
    expects: 'AverageValue, Utilization or Value',
    fallback: '`Utilization` for `cpu`, else `AverageValue`',
    example: 'AverageValue',
    doc: 'How the value is compared with the target: per pod, in percent of the request (cpu and memory), or as a whole.',
    readBy: ['query', 'cpu/memory'],
  }),
  triggerPrometheusName: keda(['trigger-prometheus-name'], word, {
    fallback: '`default-trigger-custom`',
    example: 'requests',
    doc: 'Name of the trigger in the ScaledObject, so that scaling modifiers can refer to it.',
    readBy: ['query'],
  }),
  triggerPrometheusAuthName: keda(['trigger-prometheus-auth-name'], word, {
    fallback: 'none',
    example: 'prometheus-credentials',
    doc: 'The TriggerAuthentication that KEDA asks Prometheus with.',
    readBy: ['query'],
  }),
  triggerPrometheusAuthKind: keda(['trigger-prometheus-auth-kind'], word, {
    expects: 'TriggerAuthentication or ClusterTriggerAuthentication',
    fallback: '`TriggerAuthentication`',
    example: 'ClusterTriggerAuthentication',
    doc: 'Kind of the object that `trigger-prometheus-auth-name` names.',
    readBy: ['query'],
  }),
  triggerPrometheusAuthModes: keda(['trigger-prometheus-auth-modes'], word, {
    fallback: 'none; required beside an auth name',
    example: 'bearer',
    doc: 'How KEDA authenticates, as its `authModes` has it.',
    readBy: ['query'],
  }),
  extraPrometheusTriggers: keda(['extra-prometheus-triggers'], json, {
    expects: 'a JSON array of KEDA triggers',
    fallback: 'none',
    example:
      '[{"type":"prometheus","name":"queue","metadata":{"serverAddress":"http://prometheus.monitoring.svc:9090","query":"sum(queue_depth)","threshold":"10"}}]',
    doc: 'More triggers for the ScaledObject. The platform owner must have allowed their types and addresses.',
    readBy: ['query', 'cpu/memory'],
  }),
  scalingModifiers: keda(['scaling-modifiers'], json, {
    expects: 'a JSON object as KEDA\u2019s scalingModifiers',
    fallback: 'none',
    example: '{"formula":"requests + queue","target":"5","metricType":"AverageValue"}',
    doc: 'A formula over the named triggers.',
    readBy: ['query', 'cpu/memory'],
  }),
  hpaScaleUpRules: keda(['hpa-scale-up-rules'], json, {
    expects: 'a JSON object as the HPA\u2019s behavior.scaleUp',
    fallback: '`window`, else Kubernetes\u2019 own rules',
    example: '{"policies":[{"type":"Pods","value":4,"periodSeconds":15}]}',
    doc: 'How fast the HPA may add pods. Replaces `window` upwards.',
    readBy: ['query', 'cpu/memory'],
  }),
  hpaScaleDownRules: keda(['hpa-scale-down-rules'], json, {
    expects: 'a JSON object as the HPA\u2019s behavior.scaleDown',
    fallback: '`window`, else Kubernetes\u2019 own rules',
    example: '{"stabilizationWindowSeconds":120}',
    doc: 'How fast the HPA may remove pods. Replaces `window` downwards.',
    readBy: ['query', 'cpu/memory'],
  }),
  scaledObjectOverride: keda(['scaled-object-override'], json, {
    expects: 'a JSON object as a KEDA ScaledObject',
    fallback: 'none',
    example:
      '{"spec":{"triggers":[{"type":"prometheus","metadata":{"serverAddress":"http://prometheus.monitoring.svc:9090","query":"sum(queue_depth)","threshold":"10"}}]}}',
    doc: 'A whole ScaledObject. Name, owner, labels, target and maximum are set by hpa-bridge; all else is kept.',
    readBy: ['query', 'cpu/memory'],
  }),
  scaledObjectAutoCreate: keda(['scaled-object-auto-create'], flag, {
    fallback: '`autoscaler.keda.scaledobject-autocreate` of config-autoscaler-keda',
    example: 'false',
    doc: 'Whether a ScaledObject is made. With `false` you bring a scaler of your own.',
    readBy: ['query', 'cpu/memory'],
  }),
} as const;
