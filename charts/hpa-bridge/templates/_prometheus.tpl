{{/* The servers that hpa-bridge asks, as JSON: the one named default first. */}}
{{- define "hpa-bridge.servers" -}}
{{- $servers := list -}}
{{- with .Values.prometheus.server -}}
{{- $servers = append $servers (mergeOverwrite (dict "name" "default") .) -}}
{{- end -}}
{{- concat $servers .Values.prometheus.servers | toPrettyJson -}}
{{- end }}

{{/* The names of the Secrets that these servers name, as JSON. */}}
{{- define "hpa-bridge.serverSecrets" -}}
{{- $names := list -}}
{{- range include "hpa-bridge.servers" . | fromJsonArray -}}
{{- $auth := .auth | default dict -}}
{{- $tls := .tls | default dict -}}
{{- range list $auth.bearer $auth.basic $tls.ca $tls.clientCertificate -}}
{{- with . }}{{ with .secret }}{{ $names = append $names . }}{{ end }}{{ end -}}
{{- end -}}
{{- end -}}
{{- $names | uniq | sortAlpha | toJson -}}
{{- end }}

{{/* What a ServiceMonitor and a PodMonitor say of the port with metrics. */}}
{{- define "hpa-bridge.endpoint" -}}
port: http
# Series of revisions have a label namespace of their own.
honorLabels: true
{{- with .interval }}
interval: {{ . }}
{{- end }}
{{- with .scrapeTimeout }}
scrapeTimeout: {{ . }}
{{- end }}
{{- with .relabelings }}
relabelings: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .metricRelabelings }}
metricRelabelings: {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}
