{{/* The configuration file: values.config, completed with what the chart knows. */}}
{{- define "latchkey.config" -}}
{{- $fullname := include "latchkey.fullname" . -}}
{{- $config := deepCopy .Values.config -}}
{{- $names := dict
      "namespace" .Release.Namespace
      "tls" (dict "serviceName" (printf "%s-webhook" $fullname) "caSecretName" (include "latchkey.caSecretName" .))
      "webhook" (dict "configurationName" $fullname "pathTokenSecretName" (include "latchkey.pathTokenSecretName" .))
      "controller" (dict "leaseName" (include "latchkey.leaseName" .)) -}}
{{- $config = mustMergeOverwrite $config $names -}}
{{- with .Values.webhook.url -}}
{{- $host := regexReplaceAll ":[0-9]+$" (urlParse .).host "" | trimAll "[]" -}}
{{- $_ := set $config.tls "extraNames" (append ($config.tls.extraNames | default list) $host | uniq) -}}
{{- end -}}
{{- $stores := $config.stores | default dict -}}
{{- if not (hasKey $stores "claimUnclassed") -}}
{{- $_ := set $config "stores" (merge (dict "claimUnclassed" (eq (include "latchkey.broughtCRDs" .) "true")) $stores) -}}
{{- end -}}
{{- toYaml $config -}}
{{- end -}}

{{/*
Whether the cluster's SecretStores are defined by us: by our label on the definition, and at the first install by there being
none. Without a cluster to ask, they are ours
unless the caller says that the API is there already (--api-versions, as GitOps tools do).
*/}}
{{- define "latchkey.broughtCRDs" -}}
{{- $definition := lookup "apiextensions.k8s.io/v1" "CustomResourceDefinition" "" "secretstores.external-secrets.io" -}}
{{- if $definition -}}
{{- eq (dig "metadata" "labels" "app.kubernetes.io/part-of" "" $definition) "latchkey" -}}
{{- else -}}
{{- not (or (.Capabilities.APIVersions.Has "external-secrets.io/v1") (.Capabilities.APIVersions.Has "external-secrets.io/v1beta1")) -}}
{{- end -}}
{{- end -}}
