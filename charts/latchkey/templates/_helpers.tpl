{{- define "latchkey.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 40 | trimSuffix "-" -}}
{{- end -}}

{{/* 40 characters leave room for the suffixes of everything that is named after it. */}}
{{- define "latchkey.fullname" -}}
{{- $name := include "latchkey.name" . -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 40 | trimSuffix "-" -}}
{{- else if contains $name .Release.Name -}}
{{- .Release.Name | trunc 40 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name $name | trunc 40 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{- define "latchkey.caSecretName" -}}{{ include "latchkey.fullname" . }}-ca{{- end -}}
{{- define "latchkey.pathTokenSecretName" -}}{{ include "latchkey.fullname" . }}-path-token{{- end -}}
{{- define "latchkey.leaseName" -}}{{ include "latchkey.fullname" . }}-controller{{- end -}}

{{- define "latchkey.image" -}}
{{- if .Values.image.digest -}}
{{ .Values.image.repository }}@{{ .Values.image.digest }}
{{- else -}}
{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end -}}
{{- end -}}

{{- define "latchkey.selectorLabels" -}}
app.kubernetes.io/name: {{ include "latchkey.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "latchkey.labels" -}}
{{ include "latchkey.selectorLabels" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
app.kubernetes.io/part-of: latchkey
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- end -}}

{{/* The port at the end of an address such as 0.0.0.0:8443. */}}
{{- define "latchkey.webhookPort" -}}
{{- dig "server" "listen" "0.0.0.0:8443" .Values.config | regexFind "[0-9]+$" -}}
{{- end -}}
{{- define "latchkey.metricsPort" -}}
{{- dig "server" "metricsListen" "0.0.0.0:9090" .Values.config | regexFind "[0-9]+$" -}}
{{- end -}}

{{/* Both ServiceAccounts, as subjects of a binding. */}}
{{- define "latchkey.subjects" -}}
{{- range list "webhook" "controller" }}
- kind: ServiceAccount
  name: {{ include "latchkey.fullname" $ }}-{{ . }}
  namespace: {{ $.Release.Namespace }}
{{- end }}
{{- end -}}
