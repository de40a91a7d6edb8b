{{/*
Fences: ValidatingAdmissionPolicies that hold what RBAC cannot say. Three are about our own ServiceAccounts, because
`patch` alone reads any Secret by name and `create` on serviceaccounts/token alone is every identity of the cluster.
*/}}
{{- define "latchkey.username" -}}
system:serviceaccount:{{ .root.Release.Namespace }}:{{ include "latchkey.fullname" .root }}-{{ .process }}
{{- end -}}

{{- define "latchkey.ofOurProcesses" -}}
- name: of-our-processes
  expression: >-
    request.userInfo.username in
    {{ list (include "latchkey.username" (dict "root" . "process" "webhook")) (include "latchkey.username" (dict "root" . "process" "controller")) | toJson }}
{{- end -}}

{{/* CEL: the request is the controller's, on one of these names in our own namespace. */}}
{{- define "latchkey.isControllerAt" -}}
request.userInfo.username == {{ include "latchkey.username" (dict "root" .root "process" "controller") | toJson }} &&
request.namespace == {{ .root.Release.Namespace | toJson }} && request.name in {{ .names | toJson }}
{{- end -}}

{{- define "latchkey.optedIn" -}}
- name: optedIn
  expression: >-
    namespaceObject.metadata.?labels[?'latchkey.dev/inject'].orValue('') == 'enabled' &&
    !(request.namespace in {{ include "latchkey.closedNamespaces" . }})
{{- end -}}

{{/* Whatever their labels say: our own namespace, and those that the cluster needs to start. A YAML and a CEL list. */}}
{{- define "latchkey.closedNamespaces" -}}
{{- list "kube-system" "kube-node-lease" "kube-public" .Release.Namespace | uniq | toJson -}}
{{- end -}}

{{/* CEL: the object of that name carries our label. */}}
{{- define "latchkey.isOurs" -}}
{{ . }}.metadata.?labels[?'app.kubernetes.io/managed-by'].orValue('') == 'latchkey'
{{- end -}}

{{/* Whether the controller syncs ExternalSecrets, and whether also in namespaces that have not opted in. */}}
{{- define "latchkey.syncs" -}}{{ dig "externalSecrets" "enabled" true .Values.config }}{{- end -}}
{{- define "latchkey.syncsEverywhere" -}}
{{- and (eq (include "latchkey.syncs" .) "true") (eq (dig "externalSecrets" "namespaces" "optedIn" .Values.config) "all") -}}
{{- end -}}

{{/*
CEL: where our processes may act at all. With externalSecrets.namespaces: all the controller may everywhere but here.
Needs the variable optedIn.
*/}}
{{- define "latchkey.open" -}}
- name: open
  expression: >-
    variables.optedIn
    {{- if eq (include "latchkey.syncsEverywhere" .) "true" }} ||
    (request.userInfo.username == {{ include "latchkey.username" (dict "root" . "process" "controller") | toJson }} &&
    request.namespace != {{ .Release.Namespace | toJson }})
    {{- end }}
{{- end -}}

{{/* CEL: the Secret of that name was made by an ExternalSecret, of ours or under External Secrets, or given over to one. */}}
{{- define "latchkey.isMarked" -}}
({{ . }}.metadata.?labels[?'reconcile.external-secrets.io/managed'].orValue('') == 'true' ||
{{ . }}.metadata.?annotations[?'latchkey.dev/external-secret'].hasValue() ||
{{ . }}.metadata.?annotations[?'latchkey.dev/adopt'].orValue('') == 'true' ||
{{ . }}.metadata.?labels[?'latchkey.dev/adopt'].orValue('') == 'true')
{{- end -}}

{{- define "latchkey.fenceBinding" -}}
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata:
  name: {{ .name }}
  labels:
    {{- include "latchkey.labels" .root | nindent 4 }}
spec:
  policyName: {{ .name }}
  validationActions: [Deny]
{{- end -}}
