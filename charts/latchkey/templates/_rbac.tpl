{{/* What both processes read. No Secret, no ConfigMap. */}}
{{- define "latchkey.readRules" -}}
# Who opted in, who exists with which uid, and which stores there are; `get` for what a watch does not show yet.
- apiGroups: ['']
  resources: [namespaces, serviceaccounts]
  verbs: [get, list, watch]
- apiGroups: [external-secrets.io]
  resources: [secretstores, clustersecretstores, externalsecrets]
  verbs: [get, list, watch]
# What sourceRef.generatorRef names.
- apiGroups: [generators.external-secrets.io]
  resources: [passwords, uuids, fakes, webhooks, clustergenerators]
  verbs: [get]
# What stands above a Pod: its annotations, and the revision that owns the Secret.
- apiGroups: [apps]
  resources: [replicasets, statefulsets, daemonsets, controllerrevisions]
  verbs: [get]
- apiGroups: [batch]
  resources: [jobs, cronjobs]
  verbs: [get]
{{- end -}}
