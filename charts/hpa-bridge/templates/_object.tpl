{{/* Whether the values ask for an object of config. Takes root, file and object; prints yes, or nothing. */}}
{{- define "hpa-bridge.wanted" -}}
{{- $values := .root.Values -}}
{{- $kind := .object.kind -}}
{{- if and (not $values.rbac.create) (has $kind (list "Role" "RoleBinding" "ClusterRole" "ClusterRoleBinding")) -}}
{{- else if and (not $values.serviceAccount.create) (eq $kind "ServiceAccount") (eq .object.metadata.name "hpa-bridge") -}}
{{- else if and (eq .file "external-metrics.yaml") (eq (include "hpa-bridge.externalMetrics" .root) "off") -}}
{{- else if and (eq .file "webhook.yaml") (not $values.webhooks.enabled) -}}
{{- else if and (eq $kind "MutatingWebhookConfiguration") (not $values.webhooks.models.enabled) -}}
{{- else if and (eq $kind "Secret") (include "hpa-bridge.givenSecret" (dict "root" .root "name" .object.metadata.name)) -}}
{{- else if and (not $values.activator.enabled) (eq .file "activator.yaml") -}}
{{- else if eq $kind "PodDisruptionBudget" -}}
{{- $component := index .object.spec.selector.matchLabels "app.kubernetes.io/component" -}}
{{- $pods := index $values $component -}}
{{- if or (gt (int $pods.replicaCount) 1) (dig "autoscaling" "enabled" false $pods) -}}yes{{- end -}}
{{- else -}}
yes
{{- end -}}
{{- end }}

{{/* The Secret of the owner in the place of one of ours, if there is one. Takes root and the name of ours. */}}
{{- define "hpa-bridge.givenSecret" -}}
{{- if eq .name "hpa-bridge-webhook" -}}
{{- .root.Values.webhooks.secretName -}}
{{- else -}}
{{- .root.Values.certificates.secretName -}}
{{- end -}}
{{- end }}

{{/*
An object of config with the values over it. Each of these takes root and object, and changes the object in place; they print nothing.
*/}}
{{- define "hpa-bridge.overlay" -}}
{{- $kind := .object.kind -}}
{{- $_ := include "hpa-bridge.overlayMetadata" . -}}
{{- if eq $kind "Deployment" -}}
{{- $_ := include "hpa-bridge.overlayDeployment" . -}}
{{- else if eq $kind "PodDisruptionBudget" -}}
{{- $_ := include "hpa-bridge.overlayBudget" . -}}
{{- else if eq $kind "ConfigMap" -}}
{{- $_ := include "hpa-bridge.overlayConfig" . -}}
{{- else if hasSuffix "WebhookConfiguration" $kind -}}
{{- $_ := include "hpa-bridge.overlayWebhooks" . -}}
{{- else if eq $kind "Role" -}}
{{- $_ := include "hpa-bridge.overlayRole" . -}}
{{- else if hasKey .object "subjects" -}}
{{- $_ := include "hpa-bridge.overlaySubjects" . -}}
{{- end -}}
{{- end }}

{{- define "hpa-bridge.overlayMetadata" -}}
{{- $metadata := .object.metadata -}}
{{- if and (not $metadata.namespace) (not (hasPrefix "Cluster" .object.kind)) (not (hasSuffix "WebhookConfiguration" .object.kind)) -}}
{{- $_ := set $metadata "namespace" .root.Release.Namespace -}}
{{- end -}}
{{- $own := include "hpa-bridge.labels" .root | fromYaml -}}
{{- $_ := set $metadata "labels" (mergeOverwrite (dict) .root.Values.additionalLabels ($metadata.labels | default dict) $own) -}}
{{- $account := and (eq .object.kind "ServiceAccount") (eq $metadata.name "hpa-bridge") -}}
{{- $annotations := mergeOverwrite (dict) .root.Values.additionalAnnotations ($metadata.annotations | default dict) -}}
{{- if $account -}}
{{- $_ := set $metadata "name" (include "hpa-bridge.serviceAccount" .root) -}}
{{- $annotations = mergeOverwrite $annotations .root.Values.serviceAccount.annotations -}}
{{- end -}}
{{- with $annotations -}}
{{- $_ := set $metadata "annotations" . -}}
{{- end -}}
{{- end }}

{{/* Accounts of ours live in the namespace of the release; others are named with their own. */}}
{{- define "hpa-bridge.overlaySubjects" -}}
{{- range .object.subjects -}}
{{- if not .namespace -}}
{{- $_ := set . "namespace" $.root.Release.Namespace -}}
{{- if eq .name "hpa-bridge" -}}
{{- $_ := set . "name" (include "hpa-bridge.serviceAccount" $.root) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end }}

{{/* The right to each Secret with a certificate of ours: none where there is no certificate, and none to write where it is not ours. */}}
{{- define "hpa-bridge.overlayRole" -}}
{{- $rules := list -}}
{{- range .object.rules -}}
{{- if not (and (has "secrets" .resources) (hasPrefix "hpa-bridge-" (first .resourceNames))) -}}
{{- $rules = append $rules . -}}
{{- else -}}
{{- $name := first .resourceNames -}}
{{- $webhook := eq $name "hpa-bridge-webhook" -}}
{{- if or (and $webhook $.root.Values.webhooks.enabled) (and (not $webhook) (ne (include "hpa-bridge.externalMetrics" $.root) "off")) -}}
{{- with include "hpa-bridge.givenSecret" (dict "root" $.root "name" $name) -}}
{{- $rules = append $rules (dict "apiGroups" (list "") "resources" (list "secrets") "resourceNames" (list .) "verbs" (list "list" "watch")) -}}
{{- else -}}
{{- $rules = append $rules . -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- $_ := set .object "rules" $rules -}}
{{- end }}

{{/* What the owner says of the webhook, over what its manifest says. */}}
{{- define "hpa-bridge.overlayWebhooks" -}}
{{- $webhooks := .root.Values.webhooks -}}
{{- $said := ternary $webhooks.models $webhooks (eq .object.kind "MutatingWebhookConfiguration") -}}
{{- range $webhook := .object.webhooks -}}
{{- $_ := set $webhook.clientConfig.service "namespace" $.root.Release.Namespace -}}
{{- $_ := set $webhook "failurePolicy" $said.failurePolicy -}}
{{- $_ := set $webhook "timeoutSeconds" $webhooks.timeoutSeconds -}}
{{- with $said.namespaceSelector }}{{ $_ := set $webhook "namespaceSelector" . }}{{ end -}}
{{- end -}}
{{- end }}

{{- define "hpa-bridge.overlayBudget" -}}
{{- $component := index .object.spec.selector.matchLabels "app.kubernetes.io/component" -}}
{{- $budget := (index .root.Values $component).podDisruptionBudget -}}
{{- $_ := set .object "spec" (mergeOverwrite (dict) (omit .object.spec "minAvailable") $budget) -}}
{{- end }}

{{/* What is not said stays as the example shows it. */}}
{{- define "hpa-bridge.overlayConfig" -}}
{{- $values := .root.Values -}}
{{- $data := .object.data -}}
{{- range $key, $value := $values.config -}}
{{- $_ := set $data $key (include "hpa-bridge.word" $value) -}}
{{- end -}}
{{- if not (hasKey $values.config "keda-scaler-address") -}}
{{- if ne .root.Release.Namespace "knative-serving" -}}
{{- $_ := set $data "keda-scaler-address" (printf "hpa-bridge-keda.%s.svc:8090" .root.Release.Namespace) -}}
{{- end -}}
{{- end -}}
{{- if eq (include "hpa-bridge.externalMetrics" .root) "off" -}}
{{- $_ := set $data "external-metrics" "off" -}}
{{- end -}}
{{- if or $values.prometheus.server $values.prometheus.servers -}}
{{- $_ := set $data "prometheus-servers" (include "hpa-bridge.servers" .root) -}}
{{- end -}}
{{- end }}
