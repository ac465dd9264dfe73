{{/* The values of a component over its Deployment. Takes root and object, changes the object, prints nothing. */}}
{{- define "hpa-bridge.overlayDeployment" -}}
{{- $root := .root -}}
{{- $component := index .object.metadata.labels "app.kubernetes.io/component" -}}
{{- $values := index $root.Values $component -}}
{{- $spec := .object.spec -}}
{{- $template := $spec.template -}}
{{- $pod := $template.spec -}}
{{- $container := first $pod.containers -}}

{{- $_ := set $spec "replicas" $values.replicaCount -}}
{{- if dig "autoscaling" "enabled" false $values }}{{ $_ := unset $spec "replicas" }}{{ end -}}
{{- with $values.upgradeStrategy }}{{ $_ := set $spec "strategy" . }}{{ end -}}
{{- if hasKey $values "revisionHistoryLimit" }}{{ $_ := set $spec "revisionHistoryLimit" $values.revisionHistoryLimit }}{{ end -}}

{{- $annotations := $template.metadata.annotations | default dict -}}
{{- $monitors := index $root.Values.prometheus $component -}}
{{- if or $monitors.serviceMonitor.enabled $monitors.podMonitor.enabled -}}
{{- /* So that a Prometheus that also discovers pods by annotation does not read them twice. */ -}}
{{- $annotations = omit $annotations "prometheus.io/scrape" "prometheus.io/port" -}}
{{- end -}}
{{- $annotations = mergeOverwrite (dict) $annotations $values.podAnnotations -}}
{{- $_ := unset $template.metadata "annotations" -}}
{{- with $annotations }}{{ $_ := set $template.metadata "annotations" . }}{{ end -}}
{{- $_ := set $template.metadata "labels" (mergeOverwrite (dict) $root.Values.additionalLabels $values.podLabels $template.metadata.labels) -}}

{{- $_ := set $pod "topologySpreadConstraints" $values.topologySpreadConstraints -}}
{{- $_ := set $pod "securityContext" $values.podSecurityContext -}}
{{- range $field := list "affinity" "nodeSelector" "tolerations" "priorityClassName" "dnsPolicy" -}}
{{- with index $values $field }}{{ $_ := set $pod $field . }}{{ end -}}
{{- end -}}
{{- if and (eq $component "controller") (include "hpa-bridge.kedaCertificate" $root) -}}
{{- $_ := set $pod "volumes" (append ($pod.volumes | default list) (dict "name" "keda-tls" "secret" (dict "secretName" "hpa-bridge-keda-tls"))) -}}
{{- $_ := set $container "volumeMounts" (append ($container.volumeMounts | default list) (dict "name" "keda-tls" "mountPath" "/etc/hpa-bridge/keda" "readOnly" true)) -}}
{{- end -}}
{{- if $values.useHostNetwork -}}
{{- $_ := set $pod "hostNetwork" true -}}
{{- $_ := set $pod "dnsPolicy" ($values.dnsPolicy | default "ClusterFirstWithHostNet") -}}
{{- end -}}
{{- with $root.Values.imagePullSecrets }}{{ $_ := set $pod "imagePullSecrets" . }}{{ end -}}
{{- with $values.volumes.extraVolumes }}{{ $_ := set $pod "volumes" (concat ($pod.volumes | default list) .) }}{{ end -}}
{{- if eq $pod.serviceAccountName "hpa-bridge" -}}
{{- $_ := set $pod "serviceAccountName" (include "hpa-bridge.serviceAccount" $root) -}}
{{- end -}}

{{- $_ := set $container "image" (include "hpa-bridge.image" $root) -}}
{{- $_ := set $container "imagePullPolicy" $root.Values.image.pullPolicy -}}
{{- $_ := set $container "args" (concat $container.args $values.extraArgs) -}}
{{- $_ := set $container "env" (include "hpa-bridge.env" (dict "root" $root "component" $component "values" $values "env" $container.env) | fromYamlArray) -}}
{{- with $values.envFrom }}{{ $_ := set $container "envFrom" . }}{{ end -}}
{{- $_ := set $container "resources" $values.resources -}}
{{- $_ := set $container "securityContext" $values.securityContext -}}
{{- with $values.volumes.extraVolumeMounts }}{{ $_ := set $container "volumeMounts" (concat ($container.volumeMounts | default list) .) }}{{ end -}}
{{- end }}

{{/* The variables of a container: those of its manifest, the settings, and those of the user. Takes root, component, values, env; prints a list. */}}
{{- define "hpa-bridge.env" -}}
{{- $settings := dict -}}
{{- range $name, $value := $.values.settings -}}
{{- $_ := set $settings (printf "HPA_BRIDGE_%s" (snakecase $name | upper)) $value -}}
{{- end -}}
{{- range $name, $value := $.values.leaderElection -}}
{{- $_ := set $settings (printf "HPA_BRIDGE_%s" (snakecase $name | upper)) $value -}}
{{- end -}}
{{- range $name, $value := $.values.logging -}}
{{- $_ := set $settings (printf "HPA_BRIDGE_LOG_%s" (upper $name)) $value -}}
{{- end -}}
{{- if eq $.component "controller" -}}
{{- range $part := list "external-metrics" "webhook" -}}
{{- with include "hpa-bridge.givenSecret" (dict "root" $.root "name" (printf "hpa-bridge-%s" $part)) -}}
{{- $_ := set $settings (printf "HPA_BRIDGE_%s_SECRET" (snakecase $part | upper)) . -}}
{{- end -}}
{{- end -}}
{{- if include "hpa-bridge.kedaCertificate" $.root -}}
{{- $_ := set $settings "HPA_BRIDGE_KEDA_SCALER_TLS_CERT_FILE" "/etc/hpa-bridge/keda/tls.crt" -}}
{{- $_ := set $settings "HPA_BRIDGE_KEDA_SCALER_TLS_PRIVATE_KEY_FILE" "/etc/hpa-bridge/keda/tls.key" -}}
{{- end -}}
{{- end -}}
{{- $off := list -}}
{{- if eq (include "hpa-bridge.externalMetrics" $.root) "off" }}{{ $off = append $off "HPA_BRIDGE_EXTERNAL_METRICS_PORT" }}{{ end -}}
{{- if not $.root.Values.webhooks.enabled }}{{ $off = append $off "HPA_BRIDGE_WEBHOOK_PORT" }}{{ end -}}
{{- $all := list -}}
{{- range $.env -}}
{{- if not (has .name $off) -}}
{{- $all = append $all . -}}
{{- end -}}
{{- end -}}
{{- range $name, $value := $settings -}}
{{- $all = append $all (dict "name" $name "value" (include "hpa-bridge.word" $value)) -}}
{{- end -}}
{{- concat $all $.values.env | toYaml -}}
{{- end }}
