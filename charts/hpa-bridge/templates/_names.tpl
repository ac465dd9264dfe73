{{/* Labels that every object of the release has, as a map. */}}
{{- define "hpa-bridge.labels" -}}
app.kubernetes.io/name: hpa-bridge
app.kubernetes.io/instance: {{ .Release.Name | quote }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service | quote }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" | quote }}
{{- end }}

{{/* The metadata of an object that only the chart has. Takes root, name, namespace, labels, annotations. */}}
{{- define "hpa-bridge.metadata" -}}
{{- $own := include "hpa-bridge.labels" .root | fromYaml -}}
{{- $labels := mergeOverwrite (dict) .root.Values.additionalLabels (.labels | default dict) $own -}}
{{- $annotations := mergeOverwrite (dict) .root.Values.additionalAnnotations (.annotations | default dict) -}}
name: {{ .name }}
namespace: {{ .namespace | default .root.Release.Namespace }}
labels: {{- toYaml $labels | nindent 2 }}
{{- with $annotations }}
annotations: {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{/* The image, by its digest if there is one. */}}
{{- define "hpa-bridge.image" -}}
{{- $image := .Values.image -}}
{{- $registry := .Values.global.image.registry | default $image.registry -}}
{{- with $registry }}{{ . }}/{{ end }}{{ $image.repository }}
{{- if $image.digest }}@{{ $image.digest }}{{ else }}:{{ $image.tag | default .Chart.AppVersion }}{{ end }}
{{- end }}

{{/* The account of the controller. */}}
{{- define "hpa-bridge.serviceAccount" -}}
{{ .Values.serviceAccount.name | default "hpa-bridge" }}
{{- end }}

{{/* A value as text, as it was meant: for Helm on and off without quotes are true and false, and a number may have a fraction. */}}
{{- define "hpa-bridge.word" -}}
{{- if kindIs "bool" . }}{{ ternary "on" "off" . }}{{ else if kindIs "float64" . }}{{ int64 . }}{{ else }}{{ . }}{{ end -}}
{{- end }}

{{/* Whether external metrics are served: auto, on or off. */}}
{{- define "hpa-bridge.externalMetrics" -}}
{{- include "hpa-bridge.word" .Values.externalMetrics.mode -}}
{{- end }}

{{/* Whether cert-manager makes a certificate for KEDA's questions: yes, or nothing. */}}
{{- define "hpa-bridge.kedaCertificate" -}}
{{- with .Values.certificates.certManager }}{{ if and .enabled .kedaScaler }}yes{{ end }}{{ end -}}
{{- end }}
